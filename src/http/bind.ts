import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { StartFault } from '../start-fault.js';

/** A listener's name (gateway, admin, ...) and where it binds. */
export interface NamedAddress {
  readonly name: string;
  readonly address: { readonly host: string; readonly port: number };
}

/** Starts listening; throws a StartFault that names the setting when the address cannot be had. */
export async function bind(server: Server, { name, address }: NamedAddress): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const refuse = (cause: NodeJS.ErrnoException): void => {
      const where = `${address.host}:${String(address.port)}`;
      const why =
        cause.code === 'EADDRINUSE'
          ? 'is in use by another process'
          : `cannot be opened (${String(cause.code)})`;
      reject(new StartFault(`EVERLEAF_${name.toUpperCase()}_LISTEN: ${where} ${why}.`, { cause }));
    };
    server.once('error', refuse);
    server.listen(address.port, address.host, () => {
      server.off('error', refuse);
      resolve();
    });
  });
}

/** Binds each address once and lets it go, so that a start that cannot succeed changes nothing before it fails. */
export async function probeAddresses(listeners: readonly NamedAddress[]): Promise<void> {
  for (const listener of listeners) {
    const server = createServer();
    await bind(server, listener);
    await new Promise((resolve) => server.close(resolve));
  }
}
