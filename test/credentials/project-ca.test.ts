import { expect, it } from '@jest/globals';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import request from 'supertest';
import { describeOnEachDatabase } from '../support/databases.js';
import { call, startTestGateway } from '../support/gateway.js';
import { addUser, callAsUser, expectRefusal, openProject, startOn } from '../support/people.js';
import { eventsOf } from '../support/record.js';
import { replicaSettings } from '../support/replicas.js';
import {
  authoritiesOf,
  newKafka,
  openService,
  prepareAuthority,
  servicePath,
} from '../support/services.js';
import { stealAuthorityKey } from '../support/unsealed.js';
import { verifyTogether } from '../support/verify.js';

const caPath = '/v1/project/p1/kms/ca';

describeOnEachDatabase('the CA of a project', (fresh) => {
  it('SU-C1: verifies every user of every service, and no user of another project', async () => {
    const { asRoot } = await openService(await startOn(await fresh()));
    const second = { ...newKafka, service_name: 'kafka-2' };
    await asRoot('post', '/v1/project/p1/service', second).expect(200);
    await asRoot('post', `${servicePath}/user`, { username: 'a/b@c d' }).expect(200);
    await asRoot('post', '/v1/project', { project: 'p2' }).expect(200);
    await asRoot('post', '/v1/project/p2/service', newKafka).expect(200);
    const bundleOf = async (project: string) =>
      String((await asRoot('get', `/v1/project/${project}/kms/ca`).expect(200)).body.certificate);
    const certificatesOf = async (project: string) => {
      const { body } = await asRoot('get', `/v1/project/${project}/service`).expect(200);
      const services = body.services as { users: { access_cert: string }[] }[];
      return services.flatMap(({ users }) => users.map(({ access_cert }) => access_cert));
    };
    const [first, other] = [await bundleOf('p1'), await bundleOf('p2')];
    const own = await certificatesOf('p1');
    expect(own).toHaveLength(3);
    await verifyTogether(own.map((certPem) => ({ certPem, bundle: first })));
    expect(other).not.toBe(first);
    for (const certPem of own)
      await expect(verifyTogether([{ certPem, bundle: other }])).rejects.toThrow(
        'verification failed',
      );
  });

  it('is made with the project, for ten years, its key sealed and kept from every other use', async () => {
    const { asRoot, gateway } = await openProject(await startOn(await fresh()));
    const [authority, ...more] = await authoritiesOf(gateway, 'p1');
    expect(more).toEqual([]);
    expect(authority).toMatchObject({ state: 'active', chain: [] });
    const { body } = await asRoot('get', caPath).expect(200);
    const certificate = new X509Certificate(body.certificate);
    expect(certificate.subject).toBe('O=Everleaf\nCN=p1 Project CA');
    expect(certificate.raw.toString('base64')).toBe(authority?.certificate);
    expect((Date.parse(certificate.validTo) / 1000 - gateway.clock.now()) / 86_400).toBe(3650);
    const keys = await gateway.database.db
      .selectFrom('public_keys')
      .select('kind')
      .where('holder', '=', authority?.id ?? '')
      .execute();
    expect(keys).toEqual([{ kind: 'authority' }]);
    expect(await eventsOf(gateway, 'authority.created')).toEqual([
      expect.objectContaining({ project: 'p1', actor: 'gateway' }),
    ]);
  });

  it('is made at its first use where a project has none', async () => {
    const { asRoot, gateway } = await openProject(await startOn(await fresh()));
    await gateway.database.db
      .deleteFrom('authorities')
      .where('purpose', '=', 'project:p1')
      .execute();
    await asRoot('post', '/v1/project/p1/service', newKafka).expect(200);
    expect(await authoritiesOf(gateway, 'p1')).toHaveLength(1);
  });

  it('is another one for another project of the same name', async () => {
    const { asRoot } = await openProject(await startOn(await fresh()));
    const before = await asRoot('get', caPath).expect(200);
    await asRoot('delete', '/v1/project/p1').expect(200);
    await asRoot('post', '/v1/project', { project: 'p1' }).expect(200);
    const after = await asRoot('get', caPath).expect(200);
    const count = String(after.body.certificate).split('BEGIN CERTIFICATE').length - 1;
    expect(count).toBe(1);
    expect(after.body.certificate).not.toBe(before.body.certificate);
  });

  it('SU-K1, SU-K3: is followed through a roll-over at once', async () => {
    const { asRoot, gateway, user, reset } = await openService(await startOn(await fresh()));
    const old = await asRoot('get', caPath).expect(200);
    const next = await prepareAuthority(gateway, 'p1');
    const both = await asRoot('get', caPath).expect(200);
    expect(both.body.certificate).toBe(String(old.body.certificate) + next.pem);
    await reset('avnadmin').expect(200);
    const bySigner = async (bundle: string) =>
      verifyTogether([{ certPem: (await user('avnadmin')).access_cert, bundle }]);
    await bySigner(old.body.certificate);
    await next.activate();
    const turned = await asRoot('get', caPath).expect(200);
    expect(turned.body.certificate).toBe(next.pem + String(old.body.certificate));
    await bySigner(old.body.certificate);
    await reset('avnadmin').expect(200);
    await bySigner(next.pem);
  });

  it('SU-C4: is shown to every member, and outsiders learn nothing of the project', async () => {
    const { gateway, addMember } = await openService(await startOn(await fresh()));
    for (const role of ['operator', 'developer', 'read_only'] as const)
      await callAsUser(gateway, await addMember(role), 'get', caPath).expect(200);
    const outsider = await addUser(gateway, 'outsider@example.com');
    const answers = [];
    for (const path of [
      caPath,
      servicePath,
      `${servicePath}/user/avnadmin`,
      '/v1/project/p1/vpcs',
      '/v1/project/none/kms/ca',
      '/v1/project/none/service/kafka-1',
    ]) {
      const answer = await callAsUser(gateway, outsider, 'get', path);
      expectRefusal(answer, 404, 'project-unknown');
      answers.push(answer.body.message);
      expectRefusal(await callAsUser(gateway, undefined, 'get', path), 401, 'user-token-missing');
    }
    expect(new Set(answers).size).toBe(1);
  });

  it('SU-C3: has its key in no answer, log, event or row in clear', async () => {
    const settings = {
      EVERLEAF_PROJECT_CA_KEY_TYPE: 'rsa-2048',
      EVERLEAF_SERVICE_USER_KEY_TYPE: 'rsa-2048',
    };
    const { asRoot, gateway, user, reset } = await openService(
      await startTestGateway({ ...replicaSettings((await fresh()).url), ...settings }),
    );
    await reset('avnadmin', { new_password: 'correct horse' }).expect(200);
    const { access_key, password } = await user('avnadmin');
    const { body } = await asRoot('get', '/v1/project/p1/service').expect(200);
    const events = await asRoot('get', '/v1/project/p1/events').expect(200);
    const ca = await asRoot('get', caPath).expect(200);
    const kept = JSON.stringify([
      await gateway.database.db.selectFrom('authorities').selectAll().execute(),
      await gateway.database.db.selectFrom('service_users').selectAll().execute(),
      await gateway.database.db.selectFrom('audit_events').selectAll().execute(),
      gateway.logs,
      [events.body, ca.body],
    ]);
    const [authority] = await authoritiesOf(gateway, 'p1');
    if (!authority) throw new Error('the project has no authority');
    const authorityKey = await stealAuthorityKey(gateway, authority);
    const userKey = createPrivateKey(access_key);
    expect(primeIn(userKey).some((form) => flat(body).includes(form))).toBe(true);
    for (const form of primeIn(authorityKey)) expect(flat(body) + kept).not.toContain(form);
    for (const form of [...primeIn(userKey), password ?? '']) expect(kept).not.toContain(form);
    expect(kept).not.toMatch(/PRIVATE KEY/);
    const shown = JSON.stringify(body).match(/BEGIN PRIVATE KEY/g) ?? [];
    // The user's own, and once more as what its connection is made with.
    expect(shown).toHaveLength(2);
  });

  it('is none of the gateway: neither published there, nor do its users get in there', async () => {
    const { asRoot, gateway, user } = await openService(await startOn(await fresh()));
    const { body } = await asRoot('get', caPath).expect(200);
    const published = await request(gateway.urls.pki)
      .get('/pki/ca.pem')
      .responseType('text')
      .expect(200);
    const own = String(published.body);
    expect(own).toContain('BEGIN CERTIFICATE');
    expect(own).not.toContain(body.certificate);
    const { access_cert: certPem, access_key: keyPem } = await user('avnadmin');
    const path = '/v1/applications/management/info';
    const refused = await call(gateway, 'get', path, { certPem, keyPem });
    expect({ status: refused.status, reason: refused.body.reason }).toEqual({
      status: 403,
      reason: 'certificate-wrong-kind',
    });
  });

  it('has keys of RSA 3072 as its users have, where nothing else is set', async () => {
    const settings = { EVERLEAF_PROJECT_CA_KEY_TYPE: '', EVERLEAF_SERVICE_USER_KEY_TYPE: '' };
    const { asRoot, user } = await openService(
      await startTestGateway({ ...replicaSettings((await fresh()).url), ...settings }),
    );
    const { body } = await asRoot('get', caPath).expect(200);
    const { access_cert } = await user('avnadmin');
    for (const pem of [body.certificate, access_cert]) {
      const { publicKey } = new X509Certificate(String(pem));
      expect(publicKey.asymmetricKeyDetails?.modulusLength).toBe(3072);
    }
    await verifyTogether([{ certPem: access_cert, bundle: body.certificate }]);
  });
});

/** A secret prime of an RSA key as it would look in hex, and in base64 wherever it begins. */
function primeIn(key: KeyObject): string[] {
  const prime = Buffer.from(String(key.export({ format: 'jwk' }).p), 'base64url');
  const base64 = [0, 1, 2].map((cut) => prime.subarray(cut, cut + 96).toString('base64'));
  return [prime.toString('hex'), ...base64];
}

/** JSON without the line breaks of PEM. */
function flat(body: unknown): string {
  return JSON.stringify(body).replaceAll(String.raw`\n`, '');
}
