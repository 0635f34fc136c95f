import { describe, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import request from 'supertest';
import { describeOnEachDatabase, describeOnPostgres } from '../support/databases.js';
import { startTestGateway } from '../support/gateway.js';
import { askByOpenssl, makeOcspRequest, ocspErrors, postOcsp } from '../support/ocsp.js';
import { startOn } from '../support/people.js';
import { caOf, listOf, statusOf } from '../support/project-lists.js';
import { startReplicas } from '../support/replicas.js';
import { fetchList, plainSerial } from '../support/revocation-list.js';
import { recordedCertificates } from '../support/record.js';
import { newKafka, openService, servicePath } from '../support/services.js';
import type { ServiceHouse } from '../support/services.js';

const day = 86_400;

async function addUser({ asRoot, user }: ServiceHouse, username: string): Promise<string> {
  await asRoot('post', `${servicePath}/user`, { username }).expect(200);
  return (await user(username)).access_cert;
}

function serialOf(certPem: string): string {
  return plainSerial(new X509Certificate(certPem).serialNumber);
}

describeOnEachDatabase('the CA of a project on the pki listener', (fresh) => {
  it('has a list and a responder that tell of a deleted user at once, and of no other project', async () => {
    const gateway = await startOn(await fresh());
    const house = await openService(gateway);
    const { asRoot, user } = house;
    await asRoot('post', '/v1/project', { project: 'p2' }).expect(200);
    await asRoot('post', '/v1/project/p2/service', newKafka).expect(200);
    const [ca, otherCa] = [await caOf(gateway, 'p1'), await caOf(gateway, 'p2')];
    const [gone, kept] = [await addUser(house, 'gone'), (await user('avnadmin')).access_cert];
    const { number } = await listOf(gateway, otherCa);

    expect(await statusOf(gateway, ca, gone)).toBe('good');
    await asRoot('delete', `${servicePath}/user/gone`).expect(200);
    expect(await statusOf(gateway, ca, gone)).toBe('revoked');
    expect(await statusOf(gateway, ca, kept)).toBe('good');

    expect((await listOf(gateway, ca)).serials).toEqual([serialOf(gone)]);
    expect(await listOf(gateway, otherCa)).toMatchObject({ number, serials: [] });
    const byOther = await askByOpenssl(
      gateway,
      { serial: serialOf(gone) },
      { issuerPem: otherCa.pem, trust: ['-noverify'] },
    );
    expect(byOther.text).toMatch(/: unknown/);
    await asRoot('delete', servicePath).expect(200);
    expect([...(await listOf(gateway, ca)).serials].sort()).toEqual(
      [serialOf(gone), serialOf(kept)].sort(),
    );
  });

  it('has a list that is made anew after half its life, and the same after a restart', async () => {
    const gateway = await startOn(await fresh());
    const house = await openService(gateway);
    const ca = await caOf(gateway, 'p1');
    const gone = await addUser(house, 'gone');
    await house.asRoot('delete', `${servicePath}/user/gone`).expect(200);
    const first = await listOf(gateway, ca);
    gateway.clock.advance(day / 2 - 1);
    expect((await listOf(gateway, ca)).der).toEqual(first.der);

    const again = await gateway.restart();
    expect((await listOf(again, ca)).der).toEqual(first.der);
    again.clock.advance(1);
    const second = await listOf(again, ca);
    expect(second.number).toBeGreaterThan(first.number);
    expect(second.serials).toEqual([serialOf(gone)]);
  });

  it('is served when its project is deleted, and for the name taken anew it is another', async () => {
    const gateway = await startOn(await fresh());
    const { asRoot, user } = await openService(gateway);
    const ca = await caOf(gateway, 'p1');
    const { access_cert: gone } = await user('avnadmin');
    await asRoot('delete', servicePath).expect(200);
    await asRoot('delete', '/v1/project/p1').expect(200);
    expect(await statusOf(gateway, ca, gone)).toBe('revoked');

    await asRoot('post', '/v1/project', { project: 'p1' }).expect(200);
    await asRoot('post', '/v1/project/p1/service', newKafka).expect(200);
    const next = await caOf(gateway, 'p1');
    expect(next.id).not.toBe(ca.id);
    expect(await statusOf(gateway, next, (await user('avnadmin')).access_cert)).toBe('good');
    expect((await listOf(gateway, next)).serials).toEqual([]);
    gateway.clock.advance(2 * day);
    expect((await listOf(gateway, ca)).serials).toEqual([serialOf(gone)]);
  });
});

describeOnPostgres('the CA of a project on two gateways', (fresh) => {
  it('has one list and one truth, whichever of them revoked', async () => {
    const [one, other] = await startReplicas((await fresh()).url);
    const house = await openService(one);
    const ca = await caOf(one, 'p1');
    const gone = await addUser(house, 'gone');
    // The other one has never heard of the project.
    expect(await statusOf(other, ca, gone)).toBe('good');
    await house.asRoot('delete', `${servicePath}/user/gone`).expect(200);
    expect(await statusOf(other, ca, gone)).toBe('revoked');
    expect(await statusOf(one, ca, gone)).toBe('revoked');
    const path = `/pki/${ca.id}.crl`;
    expect(await fetchList(one, path)).toEqual(await fetchList(other, path));
  });
});

describe('the CA of a project on the pki listener', () => {
  it('is a 404 where there is none, and no issuer of the gateway is one of a project', async () => {
    const gateway = await startTestGateway();
    const { user } = await openService(gateway);
    const { id, pem } = await caOf(gateway, 'p1');
    const certificate = await request(gateway.urls.pki)
      .get(`/pki/${id}.crt`)
      .responseType('blob')
      .expect(200);
    expect(certificate.body).toEqual(new X509Certificate(pem).raw);
    for (const name of ['0123456789abcdef', id.slice(1), `${id}0`, '%00', 'p1', `${id}%0a`]) {
      await request(gateway.urls.pki).get(`/pki/${name}.crl`).expect(404);
      await request(gateway.urls.pki).get(`/pki/${name}.crt`).expect(404);
    }
    const serial = serialOf((await user('avnadmin')).access_cert);
    const mixed = makeOcspRequest({
      questions: [
        { issuerPem: pem, serial },
        { issuerPem: gateway.ca, serial },
      ],
    });
    const refused = await postOcsp(gateway, mixed);
    expect((refused.body as Buffer).toString('hex')).toBe(ocspErrors.unauthorized);
  });

  it('certifies its own responder, found by the SHA-1 and the SHA-256 of its key', async () => {
    const gateway = await startTestGateway({ EVERLEAF_PROJECT_CA_KEY_TYPE: 'rsa-2048' });
    const { user } = await openService(gateway);
    const { id, pem: issuerPem } = await caOf(gateway, 'p1');
    const { access_cert: certPem } = await user('avnadmin');
    for (const digest of ['-sha1', '-sha256'] as const) {
      const options = { issuerPem, trust: ['-noverify'], digest };
      expect((await askByOpenssl(gateway, { certPem }, options)).text).toContain('asked.crt: good');
    }
    expect((await listOf(gateway, { id, pem: issuerPem })).serials).toEqual([]);
    const responders = await recordedCertificates(gateway, 'ocsp');
    expect(responders.map(({ authority_id }) => authority_id)).toEqual([id]);
  });
});
