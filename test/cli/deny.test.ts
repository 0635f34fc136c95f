import { describe, expect, it } from '@jest/globals';
import { hash, X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine } from '../support/command-line.js';
import { pair, startTestGateway, temporaryHome } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { issueElsewhere } from '../support/foreign-certificate.js';
import { eventsOf, recordedCertificates, rowCounts } from '../support/record.js';
import { openService } from '../support/services.js';
import { info, takeOver } from '../support/take-over.js';
import { everleaf, everleafJson, everleafWith } from './everleaf.js';

const homeOf = ({ home }: TestGateway) => ({ EVERLEAF_HOME: home });
const some = ['ab', 'cd', 'ef'].map((byte) => byte.repeat(32));

function listFile(text: string): string {
  const file = join(temporaryHome(), 'list.txt');
  writeFileSync(file, text);
  return file;
}

async function deniedBy({ database: { db } }: TestGateway): Promise<string[]> {
  const rows = await db.selectFrom('denied_certificates').select('sha256').execute();
  return rows.map(({ sha256 }) => sha256).sort();
}

describe('everleaf certificate deny', () => {
  it('notes a list once, says how many were new, and names who did it', async () => {
    const gateway = await startTestGateway();
    const first = listFile(`${some[0] ?? ''}\n`);
    expect(await everleafJson(homeOf(gateway), 'certificate', 'deny', first)).toEqual({
      total: 1,
      added: 1,
      revoked: 0,
      known: 0,
    });
    const all = listFile(some.join('\n').toUpperCase());
    expect(await everleaf(homeOf(gateway), 'certificate', 'deny', all)).toEqual({
      code: 0,
      stdout: '3 on the list: 2 new, 0 revoked because on record, 1 denied or revoked before.\n',
      stderr: '',
    });
    expect(await deniedBy(gateway)).toEqual(some);
    const events = await eventsOf(gateway, 'certificate.denied');
    expect(events.map(({ certificate }) => certificate).sort()).toEqual(some);
    for (const { actor } of events) expect(actor).toMatch(/^cli:/);
  });

  it('reads a ConfigMap from standard input, and refuses what it names at the running gateway', async () => {
    const { gateway, authority } = await takeOver();
    const [denied, other] = [
      issueElsewhere(authority),
      issueElsewhere(authority, { application: 'other' }),
    ];
    const data = { [denied.sha256]: denied.sha256 };
    const input = JSON.stringify({ apiVersion: 'v1', data, kind: 'ConfigMap' });
    const words = ['certificate', 'deny', '-'] as const;
    expect((await everleafWith(input, homeOf(gateway), ...words)).stdout).toMatch(
      /^1 on the list: 1 new/,
    );
    expect((await info(gateway, denied).expect(403)).body.detail).toMatch(/^It was revoked before/);
    await info(gateway, other).expect(200);
  });

  it('revokes what is on record, issued or adopted', async () => {
    const { gateway, authority } = await takeOver();
    const [adopted, issued] = [issueElsewhere(authority), await pair(gateway, 'issued')];
    await info(gateway, adopted).expect(200);
    const file = listFile([adopted.sha256, issued.sha256, some[0]].join('\n'));
    expect(await everleafJson(homeOf(gateway), 'certificate', 'deny', file)).toEqual({
      total: 3,
      added: 1,
      revoked: 2,
      known: 0,
    });
    for (const holder of [adopted, issued]) {
      const { body } = await info(gateway, holder).expect(403);
      expect(body.reason).toBe('certificate-revoked');
    }
    expect(await deniedBy(gateway)).toEqual([some[0]]);
    expect(await eventsOf(gateway, 'certificate.revoked')).toHaveLength(2);
  });

  it('tells the members of a project of a service user’s certificate on the list', async () => {
    const { gateway, asRoot, user } = await openService(await startTestGateway());
    const { raw } = new X509Certificate((await user('avnadmin')).access_cert);
    await commandLine(gateway, `certificate deny ${listFile(hash('sha256', raw))}`);
    const { body } = await asRoot('get', '/v1/project/p1/events').expect(200);
    expect(body.events[0]).toMatchObject({
      event_type: 'certificate.revoked',
      service_name: 'kafka-1',
    });
  });

  it.each([
    ['a line that is none', `${some.join('\n')}\nnonsense\n`, 'everleaf: Line 4 of the list'],
    [
      'a key that is none',
      '{"kind":"ConfigMap","data":{"x":"x"}}',
      'everleaf: The key "x" of data',
    ],
  ])('changes nothing for %s', async (_what, text, words) => {
    const gateway = await startTestGateway();
    const before = await rowCounts(gateway);
    const { code, stdout, stderr } = await everleaf(
      homeOf(gateway),
      ...['certificate', 'deny', listFile(text)],
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(words);
    expect(await rowCounts(gateway)).toEqual(before);
    expect(await deniedBy(gateway)).toEqual([]);
  });

  it('says which file cannot be read', async () => {
    const gateway = await startTestGateway();
    expect(await everleaf(homeOf(gateway), 'certificate', 'deny', '/no/such/list')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'everleaf: /no/such/list cannot be read (ENOENT).\n',
    });
  });
});

describe('an adopted certificate on the command line', () => {
  it('is marked in the list, and its revocation says what it does not reach', async () => {
    const { gateway, authority } = await takeOver();
    const holder = issueElsewhere(authority);
    await info(gateway, holder).expect(200);
    const list = await everleaf(homeOf(gateway), 'certificate', 'list', '--holder', 'app');
    expect(list.stdout).toMatch(/ application {2}app {5}valid, adopted {2}\d/);
    const words = ['certificate', 'revoke', holder.sha256] as const;
    expect((await everleaf(homeOf(gateway), ...words)).stdout).toBe(
      `Revoked ${holder.sha256} of app. It was adopted: this gateway refuses it, but no revocation list and no OCSP answer names it.\n`,
    );
    expect(await everleafJson(homeOf(gateway), ...words)).toMatchObject({
      isNew: false,
      isPublished: false,
    });
    expect(await everleafJson(homeOf(gateway), 'certificate', 'show', holder.sha256)).toMatchObject(
      { origin: 'adopted', serial: '02', state: 'revoked' },
    );
    expect(await recordedCertificates(gateway)).toHaveLength(1);
  });

  it('differs from an issued one, of which revocation list and OCSP tell', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    const words = ['certificate', 'revoke', holder.sha256] as const;
    expect(await everleafJson(homeOf(gateway), ...words)).toMatchObject({ isPublished: true });
    expect(await everleafJson(homeOf(gateway), 'certificate', 'show', holder.sha256)).toMatchObject(
      { origin: 'issued' },
    );
  });
});
