import type { Server, ServerResponse } from 'node:http';
import { Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';

/** What a server's connections are busy with: a connection is idle unless an answer is owed on it. */
export interface OpenConnections {
  /** Cuts every connection on which no answer is owed, handshakes that are not done included. */
  closeIdle(): void;
  /** Whether HTTP can be spoken on it: over TLS not before the handshake is done. */
  isOpen(socket: Socket): boolean;
  /** The latest answer that is owed on it. */
  answerOwed(socket: Socket): ServerResponse | undefined;
}

/** Begins to watch; node's own notion of idle leaves out connections that never sent a request. */
export function watchConnections(server: Server): OpenConnections {
  const open = new Set<Socket>();
  const owed = new Map<Socket, ServerResponse>();
  const add = (socket: Socket): void => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  };
  const isTls: boolean = server instanceof TlsServer;
  const handshakes = isTls ? watchHandshakes(server) : undefined;
  server.on(isTls ? 'secureConnection' : 'connection', add);
  server.on('request', (request, response) => {
    const { socket } = request;
    owed.set(socket, response);
    response.once('close', () => {
      if (owed.get(socket) === response) owed.delete(socket);
    });
  });
  return {
    closeIdle: () => {
      for (const socket of handshakes?.values() ?? []) socket.destroy();
      for (const socket of open) if (!owed.has(socket)) socket.destroy();
    },
    isOpen: (socket) => open.has(socket),
    answerOwed: (socket) => owed.get(socket),
  };
}

/** Connections whose TLS handshake is not done, by the address of the other end: the TLS socket is another object. */
function watchHandshakes(server: Server): ReadonlyMap<string, Socket> {
  const handshakes = new Map<string, Socket>();
  server.on('connection', (socket: Socket) => {
    const peer = peerOf(socket);
    handshakes.set(peer, socket);
    socket.once('close', () => handshakes.delete(peer));
  });
  server.on('secureConnection', (socket: Socket) => handshakes.delete(peerOf(socket)));
  return handshakes;
}

function peerOf(socket: Socket): string {
  return `${String(socket.remoteAddress)} ${String(socket.remotePort)}`;
}
