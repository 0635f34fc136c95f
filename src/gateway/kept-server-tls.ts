import type { Log } from '../edges.js';
import { makeServerTls } from '../http/server-tls.js';
import type { ServerTls, TlsMaterial } from '../http/server-tls.js';

/** The server certificate in use, looked at again from time to time. */
export interface KeptServerTls {
  readonly tls: ServerTls;
  /** Looks now; a pair that cannot be had is logged and the one in use stays. */
  refresh(): Promise<void>;
  stop(): void;
}

const lookEveryMs = 10_000;

/**
 * Keeps the listeners' server certificate fresh without a restart: `load` gives the pair to use now, be it the
 * operator's files or the gateway's own certificate, which it renews in time.
 */
export async function keepServerTls(edges: {
  readonly load: () => Promise<TlsMaterial>;
  readonly log: Log;
}): Promise<KeptServerTls> {
  let material = await edges.load();
  const tls = makeServerTls(material);
  const refresh = async (): Promise<void> => {
    try {
      const before = material;
      material = await edges.load();
      if (material.cert === before.cert && material.key === before.key) return;
      tls.replace(material);
      edges.log.info({}, 'the server certificate was replaced');
    } catch (err) {
      edges.log.error(
        { err },
        'the server certificate could not be renewed: the old one stays in use',
      );
    }
  };
  const timer = setInterval(() => void refresh(), lookEveryMs);
  timer.unref();
  return {
    tls,
    refresh,
    stop: () => {
      clearInterval(timer);
    },
  };
}
