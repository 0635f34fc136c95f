import { once } from 'node:events';
import { request as requestHttp } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { codeOf } from '../storage/error-fields.js';
import { DeliveryFault } from './deliver-announcements.js';
import { makePublicLookup } from './public-address.js';
import { wrongInWebhookUrl } from './webhook-url.js';
import type { WebhookRules } from './webhook-url.js';

/** Posts a body and wants a 2xx, or throws a DeliveryFault without a word of the URL. */
export type PostJson = (
  message: {
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  },
  signal: AbortSignal,
) => Promise<void>;

/**
 * Over a connection of its own, to an address that is judged right before. Follows no redirect, since that could lead
 * anywhere, and reads nothing of the answer but its status. `deadlineMs`: for all of it.
 */
export function makePostJson(
  rules: WebhookRules,
  { deadlineMs }: { readonly deadlineMs: number },
): PostJson {
  const lookup = rules.allowsPrivate ? {} : { lookup: makePublicLookup(rules.isPublic) };
  return async ({ url, headers, body }, signal) => {
    // The rules may have become stricter since the webhook was made.
    const wrong = wrongInWebhookUrl(url, rules);
    if (wrong !== undefined) throw new DeliveryFault(`its URL ${wrong}`);
    const deadline = AbortSignal.timeout(deadlineMs);
    const request = (url.startsWith('https:') ? requestHttps : requestHttp)(url, {
      ...lookup,
      method: 'POST',
      agent: false,
      headers: {
        ...headers,
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
        'User-Agent': 'everleaf',
      },
      signal: AbortSignal.any([signal, deadline]),
    });
    // What befalls the connection once the status is known is of no interest.
    request.on('error', () => undefined);
    try {
      request.end(body);
      const [response] = (await once(request, 'response')) as [IncomingMessage]; // by node:http
      judgeStatus(response.statusCode ?? 0);
    } catch (cause) {
      if (cause instanceof DeliveryFault) throw cause;
      const words = deadline.aborted
        ? 'it did not answer in time'
        : `it could not be reached (${codeOf(cause) || 'fault'})`;
      throw new DeliveryFault(words, { cause });
    } finally {
      request.destroy();
    }
  };
}

function judgeStatus(status: number): void {
  if (status >= 200 && status < 300) return;
  const why = status >= 300 && status < 400 ? ', and redirects are not followed' : '';
  throw new DeliveryFault(`it answered ${String(status)}${why}`);
}
