import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { callTls, keptAlive } from './exchange.js';
import { openStation } from './field.js';
import type { Size } from './field.js';
import type { Figure } from './figures.js';
import { startGatewayServer } from './gateway-server.js';
import type { GatewayServer } from './gateway-server.js';
import { growRecord } from './grow.js';
import { median } from './load.js';

/** What a page of the console takes from the request to its last byte, in milliseconds. */
export interface ConsoleRun {
  /** The first time, when everything is counted, and while the counts are good. */
  readonly overviewCounted: number;
  readonly overview: number;
  /** By the beginning of a name, by a state that nobody is in, by a fingerprint. */
  readonly byName: number;
  readonly byState: number;
  readonly byFingerprint: number;
}

/** Pages of a gateway with so many certificates on record, on a connection that lives on. */
export async function measureConsole(input: {
  readonly folder: string;
  readonly dist: string;
  readonly size: Size;
  readonly certificates: number;
}): Promise<ConsoleRun> {
  const gateway = {
    dist: input.dist,
    keyType: 'ec-p256',
    home: join(input.folder, 'console'),
  } as const;
  const size = { ...input.size, warmUp: 8, fleet: 8 };
  const { server: first } = await openStation({ ...gateway, size });
  await first.stop();
  growRecord(gateway.home, input.certificates);
  const server = await startGatewayServer(gateway);
  const show = await signIn(server);
  const overviewCounted = await timed(() => show('/'));
  const run = {
    overviewCounted,
    overview: await often(() => show('/')),
    byName: await often(() => show('/applications?q=grown-12')),
    byState: await often(() => show('/applications?state=revoked')),
    byFingerprint: await often(() => show('/applications?q=abcdef')),
  };
  await server.stop();
  return run;
}

/** The pages, with what each may take. */
export function consoleFigures(run: ConsoleRun): Figure[] {
  const page = (name: string, value: number): Figure => ({ name, value, unit: 'ms', atMost: 200 });
  return [
    page('overview, everything counted anew', run.overviewCounted),
    page('overview', run.overview),
    page('applications by the beginning of a name', run.byName),
    page('applications in a state that none is in', run.byState),
    page('applications by the beginning of a fingerprint', run.byFingerprint),
  ];
}

/** What gets a page as the first user. */
async function signIn({
  adminPort,
  home,
  ca,
}: GatewayServer): Promise<(path: string) => Promise<void>> {
  const agent = keptAlive();
  const secureContext = createSecureContext({ ca });
  const shared = { port: adminPort, agent, secureContext };
  const password = readFileSync(join(home, 'admin.password'), 'utf8').trim();
  const { headers } = await callTls({
    ...shared,
    path: '/sign-in',
    headers: {
      'Content-Type': 'application/x-www-form-urlencoded',
      'Sec-Fetch-Site': 'same-origin',
    },
    body: new URLSearchParams({ email: 'admin@localhost', password }).toString(),
  });
  const Cookie = headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  return async (path) => {
    const { status } = await callTls({ ...shared, path, method: 'GET', headers: { Cookie } });
    if (status !== 200) throw new Error(`${path} was answered with ${status}`);
  };
}

async function often(work: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let at = 0; at < 15; at += 1) times.push(await timed(work));
  return median(times);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
