import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { constants } from 'node:crypto';
import { Failure } from '../failure.js';
import { bind } from './bind.js';
import type { ServerTls } from './server-tls.js';

export interface ListenerOptions {
  /** gateway, admin, pki, internal: for logs and errors. */
  readonly name: string;
  readonly address: { readonly host: string; readonly port: number };
  readonly handler: RequestListener;
  /** Absent: plain HTTP. */
  readonly tls?: ServerTls | undefined;
  /** Whether the handshake asks for a client certificate; it is judged later, on each request. */
  readonly asksForClientCertificate?: boolean;
  /** The body of an answer to what is not even a request, in the listener's dialect. */
  readonly describeFailure: (failure: Failure) => { status: number; body: string };
}

/** An open listener. */
export interface Listener {
  readonly name: string;
  readonly port: number;
  /** Stops accepting, finishes what is under way for at most `graceMs`, then cuts. */
  stop(graceMs: number): Promise<void>;
}

/** Opens a listener; throws a StartFault that names it when the address cannot be bound. */
export async function openListener(options: ListenerOptions): Promise<Listener> {
  const server = makeServer(options);
  const handshakes = trackHandshakes(server);
  limitTimes(server);
  answerUnparsable(server, options.describeFailure);
  await bind(server, options);
  const address = server.address() as AddressInfo; // listening on TCP, so never a pipe's name
  return {
    name: options.name,
    port: address.port,
    stop: (graceMs) => stopServer(server, handshakes, graceMs),
  };
}

function makeServer({ handler, tls, asksForClientCertificate = false }: ListenerOptions): Server {
  const limits = { maxHeaderSize: 16_384, connectionsCheckingInterval: 1_000 };
  if (!tls) return createServer(limits, handler);
  const server = createTlsServer(
    {
      ...limits,
      ...tls.current(),
      requestCert: asksForClientCertificate,
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['http/1.1'],
      // A renegotiated connection could change its identity half-way (RFC 5746 does not forbid it).
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
      handshakeTimeout: 10_000,
    },
    handler,
  );
  tls.onChange((material) => {
    server.setSecureContext({
      ...material,
      minVersion: 'TLSv1.2',
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    });
  });
  return server;
}

/** Connections whose TLS handshake is not done: the server does not know them yet, so they would hold up its close. */
function trackHandshakes(server: Server): Map<string, Socket> {
  const handshakes = new Map<string, Socket>();
  if (!(server instanceof TlsServer)) return handshakes;
  server.on('connection', (socket: Socket) => {
    const peer = peerOf(socket);
    handshakes.set(peer, socket);
    socket.once('close', () => handshakes.delete(peer));
  });
  server.on('secureConnection', (socket) => handshakes.delete(peerOf(socket)));
  return handshakes;
}

function peerOf(socket: Socket): string {
  return `${String(socket.remoteAddress)} ${String(socket.remotePort)}`;
}

function limitTimes(server: Server): void {
  server.headersTimeout = 12_000;
  server.requestTimeout = 13_000;
  server.keepAliveTimeout = 65_000;
  server.timeout = 120_000;
}

function answerUnparsable(
  server: Server,
  describeFailure: ListenerOptions['describeFailure'],
): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const { status, body } = describeFailure(failureOf(error));
    socket.end(
      `HTTP/1.1 ${String(status)} Bad Request\r\nContent-Type: application/json;charset=UTF-8\r\n` +
        `Content-Length: ${String(Buffer.byteLength(body))}\r\nConnection: close\r\n\r\n${body}`,
    );
  });
}

function failureOf(error: NodeJS.ErrnoException): Failure {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return new Failure('headers-too-large', 'The request headers are larger than 16 KiB.', {
        cause: error,
      });
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Failure('request-timeout', 'The request did not arrive in time.', {
        cause: error,
      });
    default:
      return new Failure('http-malformed', 'The request is not HTTP/1.1.', { cause: error });
  }
}

async function stopServer(
  server: Server,
  handshakes: Map<string, Socket>,
  graceMs: number,
): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  for (const socket of handshakes.values()) socket.destroy();
  // A kept-alive connection becomes idle only when its answer is out.
  const sweep = setInterval(() => {
    server.closeIdleConnections();
  }, 50);
  const cut = setTimeout(() => {
    server.closeAllConnections();
  }, graceMs);
  server.closeIdleConnections();
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
}
