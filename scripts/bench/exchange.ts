import { request as plainRequest } from 'node:http';
import type { Agent as PlainAgent, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Agent, request as tlsRequest } from 'node:https';
import { connect } from 'node:tls';
import type { SecureContext } from 'node:tls';

/** What came back, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

interface Call {
  readonly port: number;
  readonly path: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One request over TLS to this machine, with the pair that the context holds. */
export function callTls(
  call: Call & { agent: Agent; secureContext: SecureContext; rejectUnauthorized?: boolean },
): Promise<Answer> {
  return exchange(tlsRequest, { ...call, servername: 'localhost' });
}

/** One request in the clear to this machine. */
export function callPlain(call: Call & { agent: PlainAgent }): Promise<Answer> {
  return exchange(plainRequest, call);
}

/** Connections that live on; one at a time for each agent. */
export function keptAlive(): Agent {
  return new Agent({ keepAlive: true, maxSockets: 1, maxCachedSessions: 0 });
}

/** A connection of its own, with its full handshake, for each request. */
export function fresh(): Agent {
  return new Agent({ keepAlive: false, maxCachedSessions: 0 });
}

const ticketsOfOpenssl = 2;

/** A full handshake and nothing else: done when the server's tickets are here, for then it has verified our part. */
export function shakeHands(input: { port: number; secureContext: SecureContext }): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      ...input,
      host: '127.0.0.1',
      servername: 'localhost',
      rejectUnauthorized: false, // s_server shows a client's certificate
    });
    let tickets = 0;
    socket.on('session', () => {
      tickets += 1;
      if (tickets === ticketsOfOpenssl) socket.end();
    });
    socket.once('close', () => resolve());
    // Node ends a connection on which nothing was sent without a word, which s_server answers with an alert.
    socket.once('error', (error: Error) =>
      tickets === ticketsOfOpenssl ? resolve() : reject(error),
    );
    socket.resume();
  });
}

function exchange(
  request: typeof tlsRequest | typeof plainRequest,
  { body, method = 'POST', headers, ...options }: Call & { servername?: string },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
    const outgoing = request(
      { host: '127.0.0.1', method, ...options, headers: { ...headers, ...length } },
      (incoming: IncomingMessage) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.once('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            body: Buffer.concat(chunks),
          }),
        );
        incoming.once('error', reject);
      },
    );
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}
