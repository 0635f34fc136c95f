import { afterEach } from '@jest/globals';
import { connect as connectTcp } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import type { Holder, TestGateway } from './gateway.js';

/** An answer as it came over the wire. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

const opened: Socket[] = [];

afterEach(() => {
  for (const socket of opened.splice(0)) socket.destroy();
});

/** A TLS connection to the gateway listener, its handshake done; closed after the test. */
export async function openTls(
  gateway: TestGateway,
  options: ConnectionOptions & { readonly holder?: Pick<Holder, 'certPem' | 'keyPem'> } = {},
  url: string = gateway.urls.gateway,
): Promise<TLSSocket> {
  const { holder, ...more } = options;
  const pair = holder === undefined ? {} : { cert: holder.certPem, key: holder.keyPem };
  const target = { host: '127.0.0.1', servername: 'localhost', port: portOf(url) };
  const socket = connectTls({ ca: gateway.ca, ...target, ...pair, ...more });
  keep(socket);
  await new Promise<void>((done, failed) => {
    socket.once('secureConnect', done).once('error', failed);
  });
  return socket;
}

/** A plain TCP connection to a listener; closed after the test. */
export async function openTcp(url: string): Promise<Socket> {
  const socket = connectTcp({ host: '127.0.0.1', port: portOf(url), allowHalfOpen: true });
  keep(socket);
  await new Promise<void>((done, failed) => {
    socket.once('connect', done).once('error', failed);
  });
  return socket;
}

/** The port in a URL of a listener. */
export function portOf(url: string): number {
  return Number(new URL(url).port);
}

/** Sends what is given and reads one answer; later bytes stay in the socket. */
export async function ask(socket: Socket, text: string | Uint8Array): Promise<WireAnswer> {
  const answer = readAnswer(socket);
  socket.write(text);
  return answer;
}

/** Reads one answer; fails when the connection ends before it is complete. */
export async function readAnswer(socket: Socket): Promise<WireAnswer> {
  return await new Promise((done, failed) => {
    let bytes = Buffer.alloc(0);
    const take = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk]);
      const answer = parseAnswer(bytes);
      if (!answer) return;
      socket.off('data', take).off('close', fail).off('error', fail);
      socket.pause();
      if (bytes.length > answer.length) socket.unshift(bytes.subarray(answer.length));
      done(answer);
    };
    const fail = (): void =>
      failed(new Error(`the connection ended after ${JSON.stringify(bytes.toString())}`));
    socket.on('data', take).once('close', fail).once('error', fail);
    socket.resume();
  });
}

/** Everything that still comes until the other end closes. */
export async function readToEnd(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  if (!socket.readableEnded && !socket.destroyed)
    await new Promise<void>((done) => {
      socket.once('end', done).once('close', done).resume();
    });
  return Buffer.concat(chunks).toString();
}

/** The text of a request. */
export function requestText(
  method: string,
  path: string,
  options: { readonly headers?: Readonly<Record<string, string>>; readonly body?: string } = {},
): string {
  const { headers = {}, body } = options;
  const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
  const lines = Object.entries({ Host: 'localhost', ...length, ...headers });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `${method} ${path} HTTP/1.1\r\n${head}\r\n${body ?? ''}`;
}

function keep(socket: Socket): void {
  opened.push(socket);
  socket.on('error', () => undefined); // a reset by the other end shows as a closed connection
}

function parseAnswer(bytes: Buffer): (WireAnswer & { readonly length: number }) | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const status = Number(first.split(' ')[1]);
  if (status === 100) {
    const after = parseAnswer(bytes.subarray(end + 4));
    return after && { ...after, length: after.length + end + 4 };
  }
  const headers = new Map(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const length = end + 4 + Number(headers.get('content-length') ?? 0);
  if (bytes.length < length) return undefined;
  return { status, headers, body: bytes.toString('utf8', end + 4, length), length };
}
