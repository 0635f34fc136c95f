import { describe, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { bring, makeRoot } from '../support/authority-files.js';
import { issueElsewhere } from '../support/foreign-certificate.js';
import { call, csrBody, holderFrom, renew } from '../support/gateway.js';
import { startTestGateway, subjectOf, temporaryHome } from '../support/gateway.js';
import { eventsOf, recordedCertificates, successorsOf } from '../support/record.js';
import { makeKey } from '../support/requests.js';
import { adopting, expectRefusedEverywhere, holderRoutes, info } from '../support/take-over.js';
import { revokeOwn, takeOver } from '../support/take-over.js';

describe('a certificate that another gateway issued under the same authority', () => {
  it.each(holderRoutes)(
    'CS-3 CS-4: is put on record when it is first used for %s',
    async (_route, use, status) => {
      const { gateway, authority } = await takeOver();
      const holder = issueElsewhere(authority);
      const answer = await use(gateway, holder).expect(status);
      const { raw, validFrom, validTo } = new X509Certificate(holder.certPem);
      const [row, ...more] = (await recordedCertificates(gateway)).filter(
        ({ predecessor }) => predecessor === null,
      );
      expect(more).toEqual([]);
      expect(row).toMatchObject({
        sha256: holder.sha256,
        authority_id: gateway.caSha256.slice(0, 16),
        serial: '02',
        origin: 'adopted',
        kind: 'application',
        holder: 'app',
        line: holder.sha256,
        not_before: Date.parse(validFrom) / 1000,
        not_after: Date.parse(validTo) / 1000,
        issued_at: gateway.clock.now(),
        der: raw.toString('base64'),
        replay_key: null,
      });
      expect(await eventsOf(gateway, 'certificate.adopted')).toEqual([
        expect.objectContaining({
          level: 'info',
          actor: 'application:app',
          holder: 'app',
          certificate: holder.sha256,
          request_id: answer.headers['x-request-id'],
          detail: JSON.stringify({ serial: '02', authority: gateway.caSha256.slice(0, 16) }),
        }),
      ]);
    },
  );

  it('CS-7: is told its own subject and end', async () => {
    const { gateway, authority } = await takeOver();
    const { body } = await info(gateway, issueElsewhere(authority, { application: 'Bücher' }));
    expect(body).toMatchObject({
      clientIdentity: { application: 'Bücher' },
      certificate: { subject: 'O=Organization,OU=OrgUnit,L=Waldorf,ST=Waldorf,C=DE,CN=Bücher' },
    });
  });

  it('CS-4: is renewed with its own or a new key, and its successors like all others', async () => {
    const { gateway, authority } = await takeOver();
    const first = issueElsewhere(authority, { key: makeKey('rsa-2048') });
    const second = holderFrom((await renew(gateway, first).expect(201)).body, first);
    const key = makeKey('prime256v1');
    const { body } = await renew(gateway, second, { key }).expect(201);
    const third = holderFrom(body, { application: 'app', key });
    await info(gateway, third).expect(200);
    expect(await successorsOf(gateway, first.sha256)).toMatchObject([
      { sha256: second.sha256, line: first.sha256, origin: 'issued' },
    ]);
    expect(await successorsOf(gateway, second.sha256)).toMatchObject([
      { sha256: third.sha256, line: first.sha256, origin: 'issued' },
    ]);
    const serials = [second, third].map(({ certPem }) => new X509Certificate(certPem).serialNumber);
    for (const serial of serials) expect(serial.length).toBeGreaterThan(16);
  });

  it('CS-3: is known by its SHA-256: others with its serial number are others', async () => {
    const { gateway, authority } = await takeOver();
    const one = issueElsewhere(authority, { application: 'one' });
    const two = issueElsewhere(authority, { application: 'two' });
    await renew(gateway, one).expect(201);
    await renew(gateway, two).expect(201);
    await revokeOwn(gateway, one).expect(201);
    await renew(gateway, one).expect(403);
    await info(gateway, two).expect(200);
  });

  it('CS-4: may share its key with an earlier one of the same application', async () => {
    const { gateway, authority } = await takeOver();
    const key = makeKey('prime256v1');
    const now = gateway.clock.now();
    const holders = [80, 40, 0].map((days) =>
      issueElsewhere(authority, { key, notBefore: now - days * 86_400 }),
    );
    for (const holder of holders) await info(gateway, holder).expect(200);
    expect(await recordedCertificates(gateway)).toHaveLength(3);
  });

  it('HI-K5: cannot be renewed with its key under EVERLEAF_KEY_REUSE=refuse', async () => {
    const { gateway, authority } = await takeOver({ ...adopting, EVERLEAF_KEY_REUSE: 'refuse' });
    const holder = issueElsewhere(authority);
    expect((await renew(gateway, holder)).body).toMatchObject({ code: 400, reason: 'key-reused' });
    await renew(gateway, holder, { key: makeKey('prime256v1') }).expect(201);
  });

  it('HI-N5: gets no certificate in another name', async () => {
    const { gateway, authority } = await takeOver();
    const holder = issueElsewhere(authority);
    const body = csrBody({ key: holder.key, subject: subjectOf('other') });
    const path = '/v1/applications/certificates/renewals';
    const answer = await call(gateway, 'post', path, holder).send(body);
    expect(answer.body).toMatchObject({ code: 400, reason: 'subject-mismatch' });
  });

  it('HI-C2: ends when it says so', async () => {
    const { gateway, authority } = await takeOver();
    const holder = issueElsewhere(authority);
    await info(gateway, holder).expect(200);
    gateway.clock.advance(93 * 86_400);
    await expectRefusedEverywhere(gateway, holder, { reason: 'certificate-expired' });
  });
});

describe('EVERLEAF_ADOPT', () => {
  it('HI-C9: is off by default, and what was adopted stays on record when it is off again', async () => {
    const { gateway, authority } = await takeOver({});
    const [early, late] = [
      issueElsewhere(authority),
      issueElsewhere(authority, { application: 'late' }),
    ];
    await expectRefusedEverywhere(gateway, early, { reason: 'certificate-not-on-record' });
    const on = await gateway.restart(adopting);
    await info(on, early).expect(200);
    const off = await on.restart({ EVERLEAF_ADOPT: 'off' });
    await renew(off, early).expect(201);
    await expectRefusedEverywhere(off, late, { reason: 'certificate-not-on-record' });
    expect(await recordedCertificates(off)).toHaveLength(2);
  });

  it('HI-C7: adopts what a retiring authority signed, and renews it under the active one', async () => {
    const { gateway, authority } = await takeOver();
    const next = await makeRoot({ folder: temporaryHome(), name: 'Next' });
    const rolled = await gateway.restart(bring(next));
    const holder = issueElsewhere(authority);
    const renewed = holderFrom((await renew(rolled, holder).expect(201)).body, holder);
    expect(new X509Certificate(renewed.certPem).issuer).toContain('CN=Next');
    const [row] = await recordedCertificates(rolled);
    expect(row?.authority_id).toBe(gateway.caSha256.slice(0, 16));
  });

  it('HI-C7: adopts nothing of a retired authority', async () => {
    const { gateway, authority } = await takeOver();
    const next = await makeRoot({ folder: temporaryHome(), name: 'Next' });
    const rolled = await gateway.restart(bring(next));
    await rolled.database.db
      .updateTable('authorities')
      .set({ state: 'retired' })
      .where('id', '=', gateway.caSha256.slice(0, 16))
      .execute();
    await expectRefusedEverywhere(rolled, issueElsewhere(authority), {
      reason: 'certificate-not-on-record',
      detail: expect.stringMatching(/^The authority that signed it is not trusted any more\. /),
    });
  });

  it('is a warning where the authority was made here: its certificates are on record', async () => {
    const gateway = await startTestGateway(adopting);
    expect(gateway.logs.filter(({ level }) => level === 'warn')).toContainEqual(
      expect.objectContaining({ message: expect.stringContaining('EVERLEAF_CA_CERT_FILE') }),
    );
    const { gateway: other } = await takeOver();
    expect(JSON.stringify(other.logs)).not.toContain('EVERLEAF_ADOPT');
  });
});
