import type { RequestListener, Server } from 'node:http';
import { createServer, STATUS_CODES } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { constants } from 'node:crypto';
import { Failure } from '../failure.js';
import { bind } from './bind.js';
import type { MessageClasses } from './message-classes.js';
import { watchConnections } from './open-connections.js';
import type { OpenConnections } from './open-connections.js';
import type { ServerTls } from './server-tls.js';

export interface ListenerOptions {
  /** gateway, admin, pki, internal: for logs and errors. */
  readonly name: string;
  readonly address: { readonly host: string; readonly port: number };
  readonly handler: RequestListener;
  readonly messageClasses: MessageClasses;
  /** Absent: plain HTTP. */
  readonly tls?: ServerTls | undefined;
  /** Whether the handshake asks for a client certificate; it is judged later, on each request. */
  readonly asksForClientCertificate?: boolean;
  /** Takes note of what is not even a request, and words the answer in the listener's dialect. */
  readonly refuseUnparsable: (
    failure: Failure,
    address: string,
  ) => { readonly status: number; readonly body: string };
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
  const connections = watchConnections(server);
  limitTimes(server);
  leaveExpectations(server);
  answerUnparsable({ server, connections, refuseUnparsable: options.refuseUnparsable });
  await bind(server, options);
  const address = server.address() as AddressInfo; // listening on TCP, so never a pipe's name
  return {
    name: options.name,
    port: address.port,
    stop: (graceMs) => stopServer({ server, connections, graceMs }),
  };
}

function makeServer(options: ListenerOptions): Server {
  const { handler, messageClasses, tls, asksForClientCertificate = false } = options;
  // Node's own refusal of a request without Host has no body: cleanRequest refuses it in the listener's dialect.
  const settings = {
    ...messageClasses,
    maxHeaderSize: 16_384,
    connectionsCheckingInterval: 1_000,
    requireHostHeader: false,
  };
  if (!tls) return createServer(settings, handler);
  const server = createTlsServer(
    {
      ...settings,
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

function limitTimes(server: Server): void {
  server.headersTimeout = 10_000;
  server.requestTimeout = 11_000;
  server.keepAliveTimeout = 65_000;
  server.timeout = 120_000;
}

/** `Expect: 100-continue` is answered when the body is wanted, not before; unknown expectations are ignored. */
function leaveExpectations(server: Server): void {
  for (const name of ['checkContinue', 'checkExpectation'] as const) {
    server.on(name, (request, response) => server.emit('request', request, response));
  }
}

const lingerMs = 1_000;

function answerUnparsable(edges: {
  readonly server: Server;
  readonly connections: OpenConnections;
  readonly refuseUnparsable: ListenerOptions['refuseUnparsable'];
}): void {
  const { server, connections, refuseUnparsable } = edges;
  const refuse = (socket: Socket, failure: Failure): void => {
    const address = socket.remoteAddress ?? 'unknown';
    sendAndClose(socket, refuseUnparsable(failure, address));
  };
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    // Over TLS this is also where a handshake fails: nothing can be said on it.
    if (!socket.writable || error.code === 'ECONNRESET' || !connections.isOpen(socket)) {
      socket.destroy();
      return;
    }
    const owed = connections.answerOwed(socket);
    if (owed && (owed.headersSent || owed.req.complete)) {
      // What follows a request must not be taken for its answer.
      owed.once('close', () => socket.destroy());
      return;
    }
    refuse(socket, failureOf(error));
  });
  // Without a listener node would cut the connection without a word.
  server.on('connect', (_request, socket) => {
    // Node has taken its own listener off: without one a reset would end the process.
    socket.on('error', () => socket.destroy());
    if (socket instanceof Socket)
      refuse(socket, new Failure('method-not-allowed', 'Method not allowed.'));
    else socket.destroy();
  });
}

function sendAndClose(socket: Socket, { status, body }: { status: number; body: string }): void {
  socket.end(
    `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}\r\nContent-Type: application/json;charset=UTF-8\r\n` +
      `Content-Length: ${String(Buffer.byteLength(body))}\r\nConnection: close\r\n\r\n${body}`,
  );
  // The other end need not close its side, ever.
  setTimeout(() => socket.destroy(), lingerMs).unref();
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

async function stopServer(edges: {
  readonly server: Server;
  readonly connections: OpenConnections;
  readonly graceMs: number;
}): Promise<void> {
  const { server, connections, graceMs } = edges;
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  // A kept-alive connection becomes idle only when its answer is out.
  const sweep = setInterval(connections.closeIdle, 50);
  const cut = setTimeout(() => {
    server.closeAllConnections();
  }, graceMs);
  connections.closeIdle();
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
}
