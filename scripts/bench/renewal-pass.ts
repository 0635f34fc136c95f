import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { AuthorityKeyType } from '../../src/pki/authority-key.js';
import type { Figure } from './figures.js';
import { onMeasuredCore } from './pinning.js';

/** Service users on SQLite in `folder` that are due at once, and the type of their new keys and of their CA's. */
export interface PassOrder {
  readonly folder: string;
  readonly keyType: Extract<AuthorityKeyType, 'ec-p256' | 'rsa-3072'>;
  readonly users: number;
}

/** What the periodic pass took to renew them all, and what as many keys alone take. CPU is of all threads. */
export interface PassRun {
  readonly totalMs: number;
  readonly cpuMs: number;
  readonly keysCpuMs: number;
  readonly longestBlockMs: number;
  readonly heapGrowthBytes: number;
}

/** Renews them in a process of its own, on the measured core. */
export async function measureRenewalPass(order: PassOrder): Promise<PassRun> {
  const worker = new URL('./renewal-pass-worker.ts', import.meta.url);
  const [file, ...words] = onMeasuredCore([process.execPath, '--import', 'tsx']);
  const child = fork(worker, { execPath: file, execArgv: words });
  child.send(order);
  const [run] = (await Promise.race([once(child, 'message'), fail(child)])) as [PassRun];
  child.disconnect();
  return run;
}

async function fail(child: ReturnType<typeof fork>): Promise<never> {
  const [code] = (await once(child, 'exit')) as [number | null];
  throw new Error(`the renewal pass could not be measured: exit code ${String(code)}`);
}

/** Per user, beside the making of its key: what is more is certificate, seal, record and the look for who is due. */
export function renewalPassFigures({ keyType, users }: PassOrder, run: PassRun): Figure[] {
  const name = keyType === 'rsa-3072' ? 'RSA 3072' : 'P-256';
  return [
    { name: `${name}: the whole pass`, unit: 'ms', value: run.totalMs },
    { name: `${name}: a user, CPU`, unit: 'us', value: (run.cpuMs * 1000) / users },
    { name: '  of which making the key alone', unit: 'us', value: (run.keysCpuMs * 1000) / users },
    { name: '  against making the key alone', unit: 'x', value: run.cpuMs / run.keysCpuMs },
    { name: '  longest block of the event loop', unit: 'ms', value: run.longestBlockMs },
    { name: '  growth of the heap', unit: 'MB', value: run.heapGrowthBytes / 1e6, atMost: 100 },
  ];
}
