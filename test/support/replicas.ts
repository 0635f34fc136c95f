import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startTestGateway, temporaryHome, testClock } from './gateway.js';
import type { TestClock, TestGateway } from './gateway.js';

/** Two gateways on one record that tell the same time, each with a home of its own. */
export type Replicas = readonly [TestGateway, TestGateway];

/** The settings that replicas of one database share. */
export function replicaSettings(url: string): Readonly<Record<string, string>> {
  const masterKeyFile = join(temporaryHome(), 'master.key');
  writeFileSync(masterKeyFile, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
  return { EVERLEAF_DATABASE_URL: url, EVERLEAF_MASTER_KEY_FILE: masterKeyFile };
}

/** Starts them one after the other: the first one makes the authority and has the administrator's token. */
export async function startReplicas(
  url: string,
  settings: Readonly<Record<string, string>> = {},
  clock: TestClock = testClock(),
): Promise<Replicas> {
  const shared = { ...replicaSettings(url), ...settings };
  const first = await startTestGateway(shared, clock);
  return [first, await startTestGateway(shared, clock)];
}

/** Starts them at once, on a database that may be empty. */
export async function startReplicasAtOnce(url: string): Promise<Replicas> {
  const shared = replicaSettings(url);
  const clock = testClock();
  return Promise.all([startTestGateway(shared, clock), startTestGateway(shared, clock)]);
}

/** Does something `times` times at once, in turn on one gateway and the other. */
export async function atOnce<Result>(
  replicas: Replicas,
  times: number,
  act: (gateway: TestGateway, turn: number) => PromiseLike<Result>,
): Promise<Result[]> {
  return Promise.all(
    Array.from({ length: times }, (_, turn) => act(replicas[turn % 2 === 0 ? 0 : 1], turn)),
  );
}
