import { afterEach, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { everleafJson } from '../cli/everleaf.js';
import { openDatabase } from '../../src/storage/database.js';
import { pair } from '../support/gateway.js';
import { startGatewayProcess } from '../support/gateway-process.js';
import type { GatewayProcess } from '../support/gateway-process.js';
import { startSteadyLoad } from '../support/steady-load.js';
import { idsIn } from '../support/roll-over.js';
import type { StepAnswer } from '../support/roll-over.js';
import { verifyTogether } from '../support/verify.js';

const applications = 16;
const settings = { EVERLEAF_RENEWAL_RATE: '100000' };
const running: GatewayProcess[] = [];

afterEach(async () => {
  for (const gateway of running.splice(0)) await gateway.stop();
});

/** As if a minute had gone by since the last step, which every gateway has long followed. */
async function letAMinutePass(home: string): Promise<void> {
  const { db, close } = await openDatabase(`sqlite:${join(home, 'everleaf.db')}`);
  await db
    .updateTable('authorities')
    .set(({ eb }) => ({ state_since: eb('state_since', '-', 60) }))
    .execute();
  await close();
}

it('a whole roll-over under 50 renewals a second fails no request, and every certificate verifies', async () => {
  const gateway = await startGatewayProcess(settings);
  running.push(gateway);
  const home = join(gateway.folder, 'certs');
  const caFile = (): string => readFileSync(gateway.caFile, 'utf8');
  const rotate = (words: string) =>
    everleafJson<StepAnswer>({ EVERLEAF_HOME: home }, 'ca', 'rotate', words);
  const adminToken = readFileSync(join(home, 'admin.token'), 'utf8').trim();
  const urls = { gateway: gateway.gatewayUrl, admin: gateway.adminUrl };
  const holders = await Promise.all(
    Array.from({ length: applications }, (_, index) =>
      pair({ urls, ca: caFile(), adminToken }, `app-${String(index)}`),
    ),
  );
  const [old = ''] = idsIn(caFile());
  const load = startSteadyLoad({ gatewayUrl: urls.gateway, holders, caFile, perSecond: 50 });
  await load.answers(50);

  const { id: next } = await rotate('prepare');
  await load.answers(50);
  const { leftBehind } = await rotate('activate');
  expect(leftBehind.length).toBeLessThanOrEqual(applications);
  await load.untilAllHold(next);
  // Half of them have presented their first certificate and trusted the first file until now.
  load.takeUpWhatWasRenewed();
  await letAMinutePass(home);
  expect((await rotate('retire')).leftBehind).toEqual([]);
  await load.answers(100);
  await letAMinutePass(home);
  await load.untilAllTrust(next);

  const renewals = await load.stop();
  expect(renewals.filter(({ status }) => status !== 201)).toEqual([]);
  expect(renewals.length).toBeGreaterThan(250);
  expect(new Set(renewals.map(({ issuer }) => issuer))).toEqual(new Set([old, next]));
  expect(new Set(renewals.map(({ bundle }) => idsIn(bundle).join()))).toEqual(
    new Set([old, `${old},${next}`, `${next},${old}`, next]),
  );
  expect(idsIn(caFile())).toEqual([next]);
  await verifyTogether(renewals.map(({ certPem, bundle }) => ({ certPem, bundle })));
  await verifyTogether(renewals.map(({ certPem, file }) => ({ certPem, bundle: file })));
}, 60_000);
