import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** Stands between a gateway and its PostgreSQL, so that a test can take the server away. */
export interface DatabaseProxy {
  /** The database's URL by way of the proxy. */
  readonly url: string;
  /** Ends every connection and refuses new ones, as a server that was stopped does. */
  cut(): Promise<void>;
  /** Keeps every connection open and lets nothing through any more, as a broken network does. */
  silence(): void;
  /** Lets everything through again. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

export async function openDatabaseProxy(databaseUrl: string): Promise<DatabaseProxy> {
  const url = new URL(databaseUrl);
  const folder = decodeURIComponent(url.hostname);
  const server = folder.startsWith('/')
    ? { path: `${folder}/.s.PGSQL.${url.port === '' ? '5432' : url.port}` }
    : { host: url.hostname, port: Number(url.port === '' ? '5432' : url.port) };
  const sockets = new Set<Socket>();
  let isSilent = false;

  const proxy = createServer((near) => {
    const far = connect(server);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('data', (bytes: Buffer) => {
        if (!isSilent) to.write(bytes);
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  const listen = (port: number): Promise<void> =>
    new Promise((done) => proxy.listen(port, '127.0.0.1', done));
  const cut = async (): Promise<void> => {
    const closed = new Promise<void>((done) => proxy.close(() => done()));
    for (const socket of sockets) socket.destroy();
    await closed;
  };

  await listen(0);
  const { port } = proxy.address() as AddressInfo; // it listens on TCP, so it is no pipe's name
  return {
    url: `postgres://${url.username}@127.0.0.1:${String(port)}${url.pathname}`,
    cut,
    silence: () => {
      isSilent = true;
    },
    restore: async () => {
      if (isSilent) for (const socket of sockets) socket.destroy();
      isSilent = false;
      if (!proxy.listening) await listen(port);
    },
    close: async () => {
      if (proxy.listening) await cut();
    },
  };
}
