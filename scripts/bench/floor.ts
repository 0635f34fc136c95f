import { fork } from 'node:child_process';
import { once } from 'node:events';
import { onMeasuredCore } from './pinning.js';
import type { KeyType } from './gateway-server.js';

/** What the cryptography alone costs here, CPU microseconds. */
export interface Floor {
  readonly sign: number;
  readonly verify: number;
  /** From the PEM of a request to the DER of its certificate: read, judge, fill the template, sign, check. */
  readonly issue: number;
}

/** A process on the measured core that does nothing but the cryptography, on demand. */
export interface FloorProcess {
  measure(order: { readonly keyType: KeyType; readonly count: number }): Promise<Floor>;
  stop(): void;
}

export function startFloor(): FloorProcess {
  const worker = new URL('./floor-worker.ts', import.meta.url);
  const [file, ...words] = onMeasuredCore([process.execPath, '--import', 'tsx']);
  const child = fork(worker, { execPath: file, execArgv: words });
  return {
    measure: async (order) => {
      child.send(order);
      const [answer] = (await once(child, 'message')) as [Floor];
      return answer;
    },
    stop: () => child.disconnect(),
  };
}
