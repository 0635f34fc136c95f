import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { readConfig } from '../../src/config.js';
import type { Edges, Foundation } from '../../src/gateway/foundation.js';
import { layFoundation } from '../../src/gateway/foundation.js';
import { makeFirstUser } from '../../src/gateway/first-user.js';
import { makeProjectStores } from '../../src/gateway/project-stores.js';
import { beginRenewals } from '../../src/gateway/renewals.js';
import { findFirstOrganization } from '../../src/people/first-organization.js';
import { generateKey } from '../../src/pki/authority-key.js';
import { openDatabase } from '../../src/storage/database.js';
import { openHome } from '../../src/storage/home.js';
import type { PassOrder, PassRun } from './renewal-pass.js';

const actor = 'cli:bench';
const project = 'bench';
const name = 'kafka-1';
const daysToDue = 740;

process.on('message', (order: PassOrder) => {
  void measure(order).then((run) => process.send?.(run));
});

async function measure({ folder, keyType, users }: PassOrder): Promise<PassRun> {
  let now = Math.floor(Date.now() / 1000);
  const silent = (): void => undefined;
  const edges: Edges = {
    clock: () => now,
    random: (length) => randomBytes(length),
    log: { debug: silent, info: silent, warn: silent, error: console.error },
  };
  const settings = {
    EVERLEAF_HOME: join(folder, `pass-${keyType}`),
    EVERLEAF_PROJECT_CA_KEY_TYPE: keyType,
    EVERLEAF_SERVICE_USER_KEY_TYPE: keyType,
  };
  const config = readConfig(settings);
  await openHome(config.home);
  const database = await openDatabase(config.databaseUrl);
  // Their first keys do not count, so they may be quick ones.
  const quick = { ...config, serviceUserKeyType: 'ec-p256' as const };
  await fill(await layFoundation(quick, edges, database), users);

  const keysCpuMs = await keysAlone(keyType, users);
  now += daysToDue * 86_400;
  const renewals = beginRenewals(await layFoundation(config, edges, database));
  const run = await timed(renewals.run);
  await renewals.stop();
  await requireRenewed(database, users);
  await database.close();
  return { ...run, keysCpuMs };
}

async function fill(foundation: Foundation, users: number): Promise<void> {
  const { config, database, stores, serviceUsers } = foundation;
  await makeFirstUser(foundation);
  const organizationId = await findFirstOrganization(database.db);
  if (organizationId === undefined) throw new Error('there is no organisation');
  const { renewalDefaults } = config;
  const projects = makeProjectStores({
    ...foundation,
    ...stores,
    db: database.db,
    renewalDefaults,
  });
  const facts = { techEmails: ['bench@example.com'] };
  const order = { organizationId, adminId: undefined, facts, actor };
  await projects.changeProjects.create({ ...order, name: project });
  await serviceUsers.changeServices.create({ project, name, type: 'kafka', facts: {}, actor });
  const service = await serviceUsers.services.find({ project, name });
  if (!service) throw new Error('there is no service');
  // One is there: the primary user.
  for (let at = 1; at < users; at += 1) {
    await serviceUsers.createUser({
      service,
      username: `u-${String(at)}`,
      type: 'normal',
      accessControl: {},
      authentication: null,
      validitySeconds: renewalDefaults.validitySeconds,
      actor,
    });
  }
}

async function keysAlone(keyType: PassOrder['keyType'], count: number): Promise<number> {
  const before = process.cpuUsage();
  for (let made = 0; made < count; made += 1) await generateKey(keyType);
  return cpuSince(before);
}

async function timed(renew: () => Promise<void>): Promise<Omit<PassRun, 'keysCpuMs'>> {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  const heapBefore = process.memoryUsage().heapUsed;
  let mostHeap = heapBefore;
  const watch = setInterval(() => {
    mostHeap = Math.max(mostHeap, process.memoryUsage().heapUsed);
  }, 20);
  const before = process.cpuUsage();
  const start = performance.now();
  await renew();
  const totalMs = performance.now() - start;
  const cpuMs = cpuSince(before);
  clearInterval(watch);
  delays.disable();
  const heapGrowthBytes = mostHeap - heapBefore;
  return { totalMs, cpuMs, heapGrowthBytes, longestBlockMs: delays.max / 1e6 };
}

function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

async function requireRenewed(
  { db }: Awaited<ReturnType<typeof openDatabase>>,
  users: number,
): Promise<void> {
  const { count } = await db
    .selectFrom('service_users')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('pending_id', 'is not', null)
    .executeTakeFirstOrThrow();
  if (count !== users) throw new Error(`${String(count)} of ${String(users)} were renewed`);
}
