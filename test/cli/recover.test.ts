import { describe, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { createTokenCommand } from '../../src/cli/token.js';
import { centralApp, centralRuntime, pairClient, startCentral } from '../support/central.js';
import { holderFrom, pair, renew, startTestGateway } from '../support/gateway.js';
import type { Holder, TestGateway } from '../support/gateway.js';
import { eventsOf, rowCounts } from '../support/record.js';
import { commandAnswer, lapse, recover, recoverToken, revokeByHash } from '../support/recover.js';
import { everleaf, everleafJson } from './everleaf.js';

const hour = { EVERLEAF_CLIENT_VALIDITY: '1h' };
const short = ({ sha256 }: Holder) => sha256.slice(0, 16);

/** The command says this, and nothing is on record that was not before. */
async function expectRefused(
  gateway: TestGateway,
  name: string,
  sentence: RegExp | string,
  settings: Readonly<Record<string, string>> = {},
): Promise<void> {
  const before = await rowCounts(gateway);
  await expect(recoverToken(gateway, name, settings)).rejects.toThrow(sentence);
  expect(await rowCounts(gateway)).toEqual(before);
}

describe('everleaf token create --recover', () => {
  it('takes the SHA-256 in any form, the serial number, and any certificate of the line', async () => {
    const gateway = await startTestGateway(hour);
    const first = await pair(gateway);
    gateway.clock.advance(1);
    const { body } = await renew(gateway, first).expect(201);
    const lapsed = holderFrom(body, first);
    lapse(gateway);
    const { serialNumber, fingerprint256 } = new X509Certificate(lapsed.certPem);
    for (const name of [lapsed.sha256, short(lapsed), fingerprint256, serialNumber, short(first)])
      await recoverToken(gateway, name);
    const tokens = await gateway.database.db
      .selectFrom('enrolment_tokens')
      .select(['purpose', 'kind', 'application', 'predecessor'])
      .where('created_by', '=', 'cli:test')
      .execute();
    const bound = { kind: 'application', application: 'app', predecessor: lapsed.sha256 };
    expect(tokens).toEqual(Array(5).fill({ purpose: 'recover', ...bound }));
    const [, event] = await eventsOf(gateway, 'token.created');
    expect(event).toMatchObject({ actor: 'cli:test', holder: 'app' });
    expect(JSON.parse(event?.detail ?? '')).toMatchObject({ predecessor: lapsed.sha256 });
  });

  it('takes the name of an application that has one lapsed line, beside a valid one, too', async () => {
    const gateway = await startTestGateway(hour);
    const lapsed = await pair(gateway);
    lapse(gateway);
    await pair(gateway);
    const token = await recoverToken(gateway, 'app');
    await recover(gateway, lapsed, token).expect(201);
    await expectRefused(gateway, 'app', /^app holds the certificate [0-9a-f]{16}, valid until/);
  });

  it('lists lapsed lines where the name alone does not tell which', async () => {
    const gateway = await startTestGateway(hour);
    const older = await pair(gateway);
    gateway.clock.advance(60);
    const newer = await pair(gateway);
    lapse(gateway);
    const line = (holder: Holder): string => {
      const { validTo } = new X509Certificate(holder.certPem);
      const end = new Date(validTo).toISOString().replace('T', ' ').replace('.000Z', 'Z');
      return `  ${short(holder)}  expiry ${end}`;
    };
    await expectRefused(
      gateway,
      'app',
      ['app has 2 lapsed lines: name one by its SHA-256.', line(newer), line(older)].join('\n'),
    );
    await recover(gateway, older, await recoverToken(gateway, older.sha256)).expect(201);
  });

  it('says renew where the line has a valid certificate, up to its last second', async () => {
    const gateway = await startTestGateway(hour);
    const holder = await pair(gateway);
    gateway.clock.advance(3600);
    const sentence = new RegExp(
      `^app holds the certificate ${short(holder)}, .*: renew it\\. Where its key is lost, revoke it`,
    );
    for (const name of ['app', holder.sha256]) await expectRefused(gateway, name, sentence);
    gateway.clock.advance(1);
    await recoverToken(gateway, 'app');
  });

  it('says plain token where the newest of the line was revoked, and tells others of it', async () => {
    const gateway = await startTestGateway(hour);
    const [holder, other] = [await pair(gateway), await pair(gateway, 'other')];
    await revokeByHash(gateway, holder.sha256).expect(201);
    const sentence = `The certificate ${short(holder)} of app has been revoked: a plain token, without --recover, starts a new line.`;
    await expectRefused(gateway, 'app', sentence);
    lapse(gateway);
    for (const name of ['app', holder.sha256]) await expectRefused(gateway, name, sentence);
    await recover(gateway, other, await recoverToken(gateway, 'other')).expect(201);
  });

  it('knows what is no client’s and what is nobody’s', async () => {
    const gateway = await startTestGateway(hour);
    const { sha256 } = await gateway.database.db
      .selectFrom('certificates')
      .select('sha256')
      .where('kind', '=', 'server')
      .executeTakeFirstOrThrow();
    await expectRefused(gateway, sha256, 'It is a server certificate, which needs no token.');
    await expectRefused(gateway, 'localhost', /^No certificate of localhost is on record/);
    await expectRefused(gateway, 'nobody', /^No certificate of nobody is on record/);
    await expectRefused(gateway, 'ffff0000', 'No certificate on record begins with ffff0000.');
  });

  it('CS-1.5, CS-1.6: takes the holder of central mode, a runtime’s in central mode alone', async () => {
    const gateway = await startCentral(hour);
    await pairClient(gateway, centralApp());
    await pairClient(gateway, centralRuntime());
    lapse(gateway);
    const central = { EVERLEAF_MODE: 'central' };
    await recoverToken(gateway, 'tenant/group/app', central);
    await recoverToken(gateway, 'tenant/group', central);
    await expectRefused(gateway, 'app', /^No certificate of app/, central);
    await expectRefused(
      gateway,
      'tenant/group',
      'tenant/group is a runtime: it needs EVERLEAF_MODE=central.',
    );
    const otherMode = /^The gateway was last started with EVERLEAF_MODE=central: set it here, too/;
    await expectRefused(gateway, 'tenant/group/app', otherMode);
  });

  it('runs as a process: exit codes, what is shown, and what token list tells of it', async () => {
    const gateway = await startTestGateway();
    const settings = { EVERLEAF_HOME: gateway.home };
    const holders = [await pair(gateway), await pair(gateway)] as const;
    await gateway.database.db
      .updateTable('certificates')
      .set({ not_after: gateway.clock.now() - 60 })
      .where('kind', '=', 'application')
      .execute();
    const refused = await everleaf(settings, 'token', 'create', '--recover', 'app');
    expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(
      /^everleaf: app has 2 lapsed lines: [^\n]+\n( {2}\w{16} .+\n){2}$/,
    );
    const name = short(holders[0]);
    const made = await everleaf(settings, 'token', 'create', '--recover', name, '--ttl', '30m');
    expect(made.stderr).toBe('');
    expect(made.stdout).toMatch(
      new RegExp(`\nNote {5}It brings back app, certificate ${name}, expiry \\S+ \\S+Z\\.\n`),
    );
    const answer = await everleafJson<Record<string, string>>(
      settings,
      ...['token', 'create', '--recover', name],
    );
    expect(Object.keys(answer)).toEqual(['url', 'token', 'expiresAt', 'caSha256', 'recovers']);
    expect(answer['recovers']).toBe(holders[0].sha256);
    const listed = await everleafJson<unknown[]>(settings, 'token', 'list');
    expect(listed).toContainEqual(
      expect.objectContaining({
        purpose: 'recover',
        predecessor: holders[0].sha256,
        state: 'open',
      }),
    );
  });
});

describe('everleaf token create in central mode', () => {
  const create = (gateway: TestGateway, names: readonly (string | undefined)[], mode: string) => {
    const [application, tenant, group] = names;
    return commandAnswer(
      gateway,
      (context) =>
        createTokenCommand(context, { application, tenant, group, ttlSeconds: undefined }),
      { EVERLEAF_MODE: mode },
    );
  };

  it('CS-1.6: names what is missing, and refuses names as the internal API does', async () => {
    const gateway = await startCentral();
    const refused = async (names: readonly (string | undefined)[], sentence: string) => {
      await expect(create(gateway, names, 'central')).rejects.toThrow(sentence);
    };
    await refused(['app'], 'With EVERLEAF_MODE=central --tenant is needed.');
    await refused(['app', 'tenant'], 'With EVERLEAF_MODE=central --group is needed.');
    await refused([undefined, undefined, 'group'], '--tenant is needed');
    await refused(['app', 'a/b', 'group'], 'The tenant name must not hold any of');
    await refused(['*Runtime*', 'tenant', 'group'], 'must not be *Runtime*');
    expect((await rowCounts(gateway))['enrolment_tokens']).toBe(0);
  });

  it('CS-1.6: refuses to work in another mode than the gateway', async () => {
    const gateway = await startCentral();
    const otherMode = /last started with EVERLEAF_MODE=central/;
    await expect(create(gateway, ['app'], 'standalone')).rejects.toThrow(otherMode);
    const standalone = await gateway.restart({ EVERLEAF_MODE: 'standalone' });
    await expect(create(standalone, ['app', 't', 'g'], 'central')).rejects.toThrow(
      /last started with EVERLEAF_MODE=standalone/,
    );
    await create(standalone, ['app'], 'standalone');
  });

  it('CS-1.5, CS-1.6: makes both kinds of token as a process, and token list shows whose', async () => {
    const gateway = await startCentral();
    const settings = { EVERLEAF_HOME: gateway.home, EVERLEAF_MODE: 'central' };
    const names = ['--tenant', 'acme', '--group', 'north'];
    const app = await everleafJson<Record<string, string>>(
      settings,
      ...['token', 'create', 'app', ...names],
    );
    expect(app['url']).toContain('/v1/applications/signingRequests/info?token=');
    const runtime = await everleafJson<Record<string, string>>(
      settings,
      ...['token', 'create', '--runtime', ...names],
    );
    expect(runtime['url']).toContain('/v1/runtimes/signingRequests/info?token=');
    const { stdout } = await everleaf(settings, 'token', 'list');
    expect(stdout).toMatch(/^\w{12} {2}application {2}acme\/north\/app {2}pair {5}open /m);
    expect(stdout).toMatch(/^\w{12} {2}runtime {6}acme\/north {6}pair {5}open /m);
    expect(await everleafJson(settings, 'token', 'list')).toMatchObject([
      { kind: 'runtime', application: null, tenant: 'acme', group: 'north' },
      { kind: 'application', application: 'app', tenant: 'acme', group: 'north' },
    ]);
  });
});
