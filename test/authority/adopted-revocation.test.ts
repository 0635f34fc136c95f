import { describe, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { issueElsewhere } from '../support/foreign-certificate.js';
import { callAdmin, holderFrom, renew } from '../support/gateway.js';
import { askByOpenssl } from '../support/ocsp.js';
import { eventsOf, recordedCertificates } from '../support/record.js';
import { makeKey } from '../support/requests.js';
import { fetchList, listPath, plainSerial, readList } from '../support/revocation-list.js';
import { expectRefusedEverywhere, info, revokeOwn, takeOver } from '../support/take-over.js';

const revocationsPath = '/v1/applications/certificates/revocations';

describe('the revocation of an adopted certificate', () => {
  it('CS-5 HI-C6: counts on every route, and is neither in the revocation list nor in OCSP', async () => {
    const { gateway, authority } = await takeOver();
    const holder = issueElsewhere(authority);
    await info(gateway, holder).expect(200);
    await callAdmin(gateway, 'post', revocationsPath).send({ hash: holder.sha256 }).expect(201);
    await revokeOwn(gateway, holder).expect(201);
    for (const use of [info, renew])
      expect((await use(gateway, holder)).body).toMatchObject({ reason: 'certificate-revoked' });
    expect(await eventsOf(gateway, 'certificate.revoked')).toEqual([
      expect.objectContaining({
        certificate: holder.sha256,
        detail: '{"reason":"unspecified","descendants":0,"isPublished":false}',
      }),
    ]);
    const list = await readList(gateway, await fetchList(gateway, await listPath(gateway)));
    expect(list.serials).toEqual([]);
    const { text } = await askByOpenssl(gateway, { certPem: holder.certPem });
    expect(text).toContain('Cert Status: unknown');
  });

  it('CS-5: for keyCompromise takes its successors along, which are in the list', async () => {
    const { gateway, authority } = await takeOver();
    const holder = issueElsewhere(authority);
    const key = makeKey('prime256v1');
    const renewed = holderFrom((await renew(gateway, holder, { key }).expect(201)).body, {
      application: 'app',
      key,
    });
    await revokeOwn(gateway, holder, { reason: 'keyCompromise' }).expect(201);
    expect((await info(gateway, renewed)).body).toMatchObject({ reason: 'certificate-revoked' });
    const list = await readList(gateway, await fetchList(gateway, await listPath(gateway)));
    const { serialNumber } = new X509Certificate(renewed.certPem);
    expect(list.serials).toEqual([plainSerial(serialNumber)]);
  });

  it('CS-5: for keyCompromise takes along what has its key and bars it from further adoption', async () => {
    const { gateway, authority } = await takeOver();
    const key = makeKey('prime256v1');
    const [known, twin] = [
      issueElsewhere(authority, { key }),
      issueElsewhere(authority, { key, serial: 3 }),
    ];
    const late = issueElsewhere(authority, { key, serial: 4 });
    await info(gateway, known).expect(200);
    await info(gateway, twin).expect(200);
    await revokeOwn(gateway, known, { reason: 'keyCompromise' }).expect(201);
    expect((await info(gateway, twin)).body).toMatchObject({ reason: 'certificate-revoked' });
    await expectRefusedEverywhere(gateway, late, {
      reason: 'certificate-not-on-record',
      detail: expect.stringMatching(/^Its key belongs to somebody else or was compromised\. /),
    });
  });

  it('CS-5: by hash before its first use keeps it from ever being adopted', async () => {
    const { gateway, authority } = await takeOver();
    const holder = issueElsewhere(authority);
    await callAdmin(gateway, 'post', revocationsPath).send({ hash: holder.sha256 }).expect(201);
    await expectRefusedEverywhere(gateway, holder, {
      reason: 'certificate-not-on-record',
      detail: expect.stringMatching(/^It was revoked before it was used here\. /),
    });
    expect(await recordedCertificates(gateway)).toEqual([]);
  });
});
