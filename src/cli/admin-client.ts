import { once } from 'node:events';
import { request as requestHttp } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { z } from 'zod';
import { codeOf } from '../setting-file.js';
import { StartFault } from '../start-fault.js';
import { visibleLine } from './visible-text.js';

/** One request to the admin listener. */
export interface AdminCall {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Segments behind `/v1`, not encoded. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: object;
  /** What to do where it may have been done and the answer did not come. */
  readonly ifLost?: string;
}

/** The admin listener as one person sees it. All throw a StartFault: the gateway's own sentence, or why there is none. */
export interface AdminClient {
  call<Shape>(call: AdminCall, shape: z.ZodType<Shape>): Promise<Shape>;
  text(call: AdminCall): Promise<string>;
}

interface Connection {
  /** Without trailing slash. */
  readonly url: string;
  readonly token: string;
  /** PEM of what may have issued the server's certificate; undefined: what this machine trusts. */
  readonly trusted: readonly string[] | undefined;
  readonly deadlineMs: number;
}

const longestAnswer = 8 * 1024 * 1024;

/** Over a connection for each request. Follows no redirect: the token is for this address alone. */
export function makeAdminClient(connection: Connection): AdminClient {
  return {
    call: async (call, shape) => {
      const parsed = shape.safeParse(readObject(await send(connection, call)));
      if (parsed.success) return parsed.data;
      throw new StartFault(`${connection.url} gave an answer that is none of this gateway's API.`, {
        cause: parsed.error,
      });
    },
    text: (call) => send(connection, call),
  };
}

async function send(connection: Connection, call: AdminCall): Promise<string> {
  const { url, token, trusted, deadlineMs } = connection;
  const body = call.body === undefined ? undefined : JSON.stringify(call.body);
  const deadline = AbortSignal.timeout(deadlineMs);
  const request = (url.startsWith('https:') ? requestHttps : requestHttp)(`${url}${pathOf(call)}`, {
    method: call.method,
    agent: false,
    ...(trusted === undefined ? {} : { ca: [...trusted] }),
    headers: {
      Authorization: `Bearer ${token}`,
      'User-Agent': 'everleaf',
      ...(body === undefined
        ? {}
        : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }),
    },
    signal: deadline,
  });
  // What befalls the connection once the answer is there is of no interest.
  request.on('error', () => undefined);
  try {
    request.end(body);
    const [response] = (await once(request, 'response')) as [IncomingMessage]; // by node:http
    const text = await readText(response);
    const status = response.statusCode ?? 0;
    if (status >= 200 && status < 300) return text;
    throw new StartFault(refusalOf(url, status, text));
  } catch (cause) {
    if (cause instanceof StartFault) throw cause;
    const code = deadline.aborted ? 'it did not answer in time' : codeOf(cause);
    throw new StartFault(lossOf(url, call, code), { cause });
  } finally {
    request.destroy();
  }
}

function pathOf({ path, query = {} }: AdminCall): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) given.set(name, value);
  const search = given.toString();
  return `/v1/${path.map(encodeURIComponent).join('/')}${search === '' ? '' : `?${search}`}`;
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > longestAnswer) throw new StartFault('The answer is too long.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function readObject(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The parser's message quotes the answer, which may hold a key: it goes nowhere.
    return undefined;
  }
}

const refusal = z.object({ message: z.string().min(1) });

function refusalOf(url: string, status: number, text: string): string {
  const parsed = refusal.safeParse(readObject(text));
  if (parsed.success) return visibleLine(parsed.data.message);
  const why = status >= 300 && status < 400 ? ', and redirects are not followed' : '';
  return `${url} answered ${String(status)}${why}: is it the admin listener? --url names another.`;
}

/** Before a connection stands nothing has been done, whatever was to be done. */
const beforeSending = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH']);

function lossOf(url: string, { ifLost }: AdminCall, why: string): string {
  if (/CERT|SIGNATURE|ERR_TLS/.test(why))
    return `The certificate of ${url} is not trusted (${why}): --cacert FILE names the CA that issued it.`;
  if (ifLost === undefined || beforeSending.has(why))
    return `No answer from ${url} (${why}): --url names another admin listener.`;
  return `No answer from ${url} (${why}). ${ifLost}`;
}
