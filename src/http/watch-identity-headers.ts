import type { RequestHandler } from 'express';
import type { Clock, Log } from '../edges.js';
import { makeOnceAMinute } from '../once-a-minute.js';
import type { JudgeProxy } from './judge-proxy.js';
import { addressOf, contextOf } from './request-context.js';

/** In these headers proxies name the certificate of the client behind them (RFC 9440; Envoy, Kyma, Compass, nginx). */
const identityHeaders = [
  'client-cert',
  'client-cert-chain',
  'x-forwarded-client-cert',
  'certificate-data',
  'client-certificate',
  'client-certificate-subject',
  'ssl-client-cert',
] as const;

/** Those of them that count, or are no news, where a trusted proxy sends them. */
const proxyHeaders: readonly string[] = [
  'client-cert',
  'client-cert-chain',
  'x-forwarded-client-cert',
];

/**
 * Notes a header that would name a certificate and is ignored: from somebody who is no proxy, or of a kind that counts
 * from nobody. It decides nothing about identity; one event for each address and minute, with the headers' names and
 * never their values.
 */
export function watchIdentityHeaders(edges: {
  readonly recordIgnored: (facts: {
    readonly address: string;
    readonly requestId: string;
    readonly headers: readonly string[];
  }) => Promise<void>;
  readonly judgeProxy: JudgeProxy;
  readonly clock: Clock;
  readonly log: Log;
}): RequestHandler {
  const isFirst = makeOnceAMinute(edges.clock);
  return async (request, _response, next) => {
    const sent = identityHeaders.filter((name) => request.headers[name] !== undefined);
    const isTrusted = sent.length > 0 && edges.judgeProxy(request) === 'trusted';
    const headers = isTrusted ? sent.filter((name) => !proxyHeaders.includes(name)) : sent;
    const address = addressOf(request);
    if (headers.length > 0 && isFirst(address)) {
      const { requestId } = contextOf(request);
      await edges.recordIgnored({ address, requestId, headers }).catch((err: unknown) => {
        edges.log.error(
          { requestId, err },
          'an ignored header could not be put into the audit log',
        );
      });
    }
    next();
  };
}
