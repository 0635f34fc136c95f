import { describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { makeRoot } from '../support/authority-files.js';
import { pair, startTestGateway, temporaryHome } from '../support/gateway.js';
import type { Holder, TestGateway } from '../support/gateway.js';
import { rowCounts } from '../support/record.js';
import { idOf, renewed } from '../support/roll-over.js';
import { everleaf, everleafJson } from './everleaf.js';

const time = '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\dZ';
const rfc3339 = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);

const homeOf = ({ home }: TestGateway) => ({ EVERLEAF_HOME: home });

/** What people read, which must be free of errors; the gateway has followed it then. */
async function textOf(gateway: TestGateway, words: string): Promise<string> {
  const { code, stdout, stderr } = await everleaf(homeOf(gateway), ...words.split(' '));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  await gateway.lookAtAuthorities();
  return stdout;
}

/** The same as scripts read it. */
async function valueOf(gateway: TestGateway, words: string): Promise<unknown> {
  const value = await everleafJson(homeOf(gateway), ...words.split(' '));
  await gateway.lookAtAuthorities();
  return value;
}

/** The one sentence of a command that fails with exit code 1. */
async function refusalOf(gateway: TestGateway, words: string): Promise<string> {
  const { code, stdout, stderr } = await everleaf(homeOf(gateway), ...words.split(' '));
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^everleaf: [^\n]+\n$/);
  return stderr.slice('everleaf: '.length, -1);
}

async function letAMinutePass({ database }: TestGateway): Promise<void> {
  await database.db
    .updateTable('authorities')
    .set(({ eb }) => ({ state_since: eb('state_since', '-', 60) }))
    .execute();
}

/** A pairing that is clearly over before a command of the same second prepares an authority. */
async function pairEarlier(gateway: TestGateway): Promise<Holder> {
  const holder = await pair(gateway);
  await gateway.database.db
    .updateTable('certificates')
    .set(({ eb }) => ({ issued_at: eb('issued_at', '-', 60) }))
    .execute();
  return holder;
}

describe('everleaf ca rotate', () => {
  it('leads from one authority to the next, in words', async () => {
    const gateway = await startTestGateway();
    const holder = await pairEarlier(gateway);
    const old = await idOf(gateway, 'active');
    expect(await textOf(gateway, 'ca rotate')).toMatch(
      new RegExp(
        `^ID +STATE +SINCE +NEXT STEP +NEEDED BY +SUBJECT\n${old}  active  ${time}  - +1 +O=Organization,CN=Everleaf CA\n\nNo roll-over is under way. The active authority has \\d+ days left. To begin: everleaf ca rotate prepare\n$`,
      ),
    );

    const prepared = await textOf(gateway, 'ca rotate prepare');
    const next = await idOf(gateway, 'prepared');
    expect(prepared).toBe(
      `Authority ${next} (O=Organization,CN=Everleaf CA 2) is prepared: published beside the active one, it signs nothing yet.\nGive relying parties the new bundle, ${join(gateway.home, 'ca.crt')} or /pki/ca.pem, before it becomes active.\nThen: everleaf ca rotate activate\n`,
    );
    expect(await textOf(gateway, 'ca rotate')).toContain(
      '\n\nNext: give relying parties the new bundle, then everleaf ca rotate activate\n',
    );

    expect(await textOf(gateway, 'ca rotate activate')).toBe(
      `Authority ${next} is active: within a second it signs everything new.\nThe one before is retiring: its certificates stay good until everleaf ca rotate retire\nWARNING: These have not renewed since it was prepared, so they and their peers may not know it yet. 1 holder: app\n`,
    );
    const waiting = await textOf(gateway, 'ca rotate');
    expect(waiting).toMatch(new RegExp(`^${old}  retiring  ${time}  - +1 +O=`, 'm'));
    expect(waiting).toContain(
      `\n\nStill on ${old}, 1 holder: app\nNext: they move with their next renewal; everleaf certificate hint --authority ${old} asks them for it now\n`,
    );

    await renewed(gateway, holder);
    expect(await textOf(gateway, 'ca rotate')).toContain(
      `\n\nNext: nobody needs the old one any more: everleaf ca rotate retire ${old}\n`,
    );
    await letAMinutePass(gateway);
    expect(await textOf(gateway, 'ca rotate retire')).toBe(
      `Authority ${old} is retired: its certificates are no longer accepted. It leaves the bundle in a minute.\n`,
    );
    expect(await textOf(gateway, 'ca rotate')).toMatch(
      new RegExp(`^${old}  retired +${time}  - +- +O=`, 'm'),
    );
  });

  it('does so in JSON, with dates and who is left behind', async () => {
    const gateway = await startTestGateway();
    await pairEarlier(gateway);
    const old = await idOf(gateway, 'active');
    const prepared = await valueOf(gateway, 'ca rotate prepare --activate-at 2099-01-01');
    const next = await idOf(gateway, 'prepared');
    expect(prepared).toEqual({
      id: next,
      subject: 'O=Organization,CN=Everleaf CA 2',
      sha256: expect.stringMatching(new RegExp(`^${next}[0-9a-f]{48}$`)),
      activateAt: '2099-01-01T00:00:00Z',
    });
    expect(await valueOf(gateway, 'ca rotate activate --at none')).toEqual({
      id: next,
      step: 'activate',
      at: null,
    });
    const leftBehind = [{ holder: 'app', kind: 'application' }];
    const activated = await valueOf(gateway, 'ca rotate activate');
    expect(activated).toEqual({ id: next, step: 'activate', leftBehind });
    await valueOf(gateway, 'ca rotate retire --at 2099-01-01');
    const shown = (await valueOf(gateway, 'ca rotate')) as { authorities: unknown[] };
    expect(shown).toEqual({ authorities: expect.any(Array), next: expect.any(String) });
    expect(shown.authorities).toContainEqual({
      id: old,
      state: 'retiring',
      since: rfc3339,
      nextStepAt: '2099-01-01T00:00:00Z',
      subject: 'O=Organization,CN=Everleaf CA',
      notAfter: rfc3339,
      revokedAt: null,
      dependents: [{ holder: 'app', kind: 'application', notAfter: rfc3339 }],
    });
    await letAMinutePass(gateway);
    const retired = await valueOf(gateway, 'ca rotate retire --force');
    expect(retired).toEqual({ id: old, step: 'retire', leftBehind });
  });

  it('says dates, warnings and refusals in words, with exit code 1 for a refusal', async () => {
    const gateway = await startTestGateway();
    await pairEarlier(gateway);
    expect(await refusalOf(gateway, 'ca rotate activate')).toBe(
      'No authority is prepared: everleaf ca rotate shows them.',
    );
    expect(await textOf(gateway, 'ca rotate prepare --activate-at 2099-01-01T10:00Z')).toMatch(
      /\nIt becomes active on 2099-01-01 10:00:00Z\.\n$/,
    );
    expect(await textOf(gateway, 'ca rotate')).toMatch(
      /\n\nNext: give relying parties the new bundle before 2099-01-01 10:00:00Z\n$/,
    );
    expect(await refusalOf(gateway, 'ca rotate prepare')).toContain('prepared already');
    const next = await idOf(gateway, 'prepared');
    expect(await textOf(gateway, 'ca rotate activate --at 2099-02-01')).toBe(
      `Authority ${next}: activate on 2099-02-01 00:00:00Z, by whichever gateway runs then.\n`,
    );
    expect(await textOf(gateway, 'ca rotate activate --at none')).toBe(
      `Authority ${next} waits for a command again.\n`,
    );
    expect(await refusalOf(gateway, 'ca rotate activate --at 2020-01-01')).toBe(
      '2020-01-01 00:00:00Z is past: give a date to come.',
    );
    await textOf(gateway, 'ca rotate activate');
    await letAMinutePass(gateway);
    expect(await refusalOf(gateway, 'ca rotate retire')).toMatch(
      /is still needed: retiring it would cut off 1 holder: app\. They move to the active authority with their next renewal, .*; `--force` retires it all the same\.$/,
    );
    expect(await textOf(gateway, 'ca rotate retire --force')).toMatch(
      /\nWARNING: These are cut off and need a new token\. 1 holder: app\n$/,
    );
  });

  it('takes an authority in files, and refuses a file that is not there', async () => {
    const { certFile, keyFile } = await makeRoot({ folder: temporaryHome(), name: 'Mine' });
    const gateway = await startTestGateway();
    const words = `ca rotate prepare --cert-file ${certFile} --key-file`;
    expect(await refusalOf(gateway, `${words} ${keyFile}.gone`)).toMatch(
      /^--key-file: .* cannot be read \(ENOENT\)\.$/,
    );
    expect(await textOf(gateway, `${words} ${keyFile}`)).toContain(
      '(O=Example,CN=Mine) is prepared',
    );
  });
});

describe('everleaf ca revoke', () => {
  it('says what follows and who does not know the active one', async () => {
    const gateway = await startTestGateway();
    await pairEarlier(gateway);
    const old = await idOf(gateway, 'active');
    expect(await refusalOf(gateway, `ca revoke ${old}`)).toContain(
      'An active one needs a successor',
    );
    gateway.clock.advance(1);
    await textOf(gateway, 'ca rotate prepare');
    await textOf(gateway, 'ca rotate activate');
    expect(await textOf(gateway, `ca revoke ${old}`)).toBe(
      `Authority ${old} is revoked: it is published no more, and all who hold its certificates are asked to renew at once.\nThe gateway's own server certificate comes from the active authority now.\nWARNING: These have not renewed since the active authority was published: give them the new bundle, or they do not trust the gateway any more. 1 holder: app\n`,
    );
    expect(await textOf(gateway, 'ca rotate')).toMatch(
      new RegExp(`^${old}  retiring, revoked  `, 'm'),
    );
  });
});

describe('everleaf certificate hint', () => {
  it('says how many are asked, in words and in JSON', async () => {
    const gateway = await startTestGateway();
    const { sha256 } = await pair(gateway);
    await pair(gateway);
    expect(await textOf(gateway, `certificate hint ${sha256}`)).toBe(
      '1 certificate is to be renewed at once: holders see it in the management info within six hours.\n',
    );
    expect(await textOf(gateway, 'certificate hint --holder app')).toMatch(/^2 certificates are /);
    expect(await valueOf(gateway, 'certificate hint --holder app')).toEqual({ count: 2 });
    expect(await refusalOf(gateway, 'certificate hint --holder nobody')).toBe(
      'There is no certificate that this concerns. Users of services are renewed by everleaf user renew.',
    );
  });
});

describe('wrong usage of a roll-over', () => {
  it.each([
    ['ca rotate activte', 'too many arguments'],
    ['ca rotate prepare --cert-file a', '--cert-file and --key-file go together'],
    ['ca rotate prepare --chain-file a', '--chain-file needs both'],
    ['ca rotate prepare --cert-file a --key-file b --validity 1d', 'cannot be used with option'],
    ['ca rotate prepare --key-type dsa', 'Allowed choices are ec-p256'],
    ['ca rotate activate --at 2027-02-30', 'It must be a date such as 2026-12-01'],
    ['ca rotate activate --at soon', 'It must be a date such as 2026-12-01'],
    ['ca rotate retire --force --at 30d', "'--force' cannot be used with option '--at <date>'"],
    ['ca revoke', "missing required argument 'id'"],
    ['ca revoke abc --reason stolen', 'Allowed choices are unspecified'],
    ['certificate hint', 'name one certificate, or one --holder, or one --authority'],
    ['certificate hint --holder a --authority b', 'name one certificate, or one --holder'],
  ])('ends with 2, says what is wrong, and touches nothing: %s', async (words, sentence) => {
    const home = temporaryHome();
    const { code, stdout, stderr } = await everleaf({ EVERLEAF_HOME: home }, ...words.split(' '));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^everleaf: /);
    expect(stderr).toContain(sentence);
    expect(existsSync(join(home, 'everleaf.db'))).toBe(false);
  });

  it('and a refusal change nothing on record', async () => {
    const gateway = await startTestGateway();
    const before = await rowCounts(gateway);
    await refusalOf(gateway, 'ca rotate retire');
    await refusalOf(gateway, 'ca rotate activate 0123456789abcdef');
    expect(await rowCounts(gateway)).toEqual(before);
  });
});
