import { afterEach } from '@jest/globals';
import { serveReady } from './serve.js';
import type { Serve } from './serve.js';

const running: Serve[] = [];

afterEach(async () => {
  for (const gateway of running.splice(0)) {
    gateway.kill('SIGKILL');
    await gateway.ended;
  }
});

/** A gateway of that home as a process of its own, to be killed: at the end of the test at the latest. */
export async function startToKill(
  home: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<Serve> {
  const quiet = { EVERLEAF_HOME: home, EVERLEAF_LOG_LEVEL: 'error' };
  const gateway = await serveReady({ ...quiet, ...settings });
  running.push(gateway);
  return gateway;
}
