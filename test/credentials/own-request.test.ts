import { expect, it } from '@jest/globals';
import { createPublicKey, hash, X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { announced } from '../support/announced.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { expectRefusal, startOn } from '../support/people.js';
import { eventsOf, recordedCertificates } from '../support/record.js';
import { makeKey, makeRequest } from '../support/requests.js';
import type { RequestInput } from '../support/requests.js';
import { day } from '../support/service-users.js';
import { openService, servicePath } from '../support/services.js';
import type { ServiceHouse, ShownUser } from '../support/services.js';

const userPath = `${servicePath}/user/app`;
const requestPath = `${userPath}/certificate-request`;

async function open(database: { readonly url: string }): Promise<ServiceHouse> {
  const house = await openService(await startOn(database));
  for (const username of ['app', 'web'])
    await house.asRoot('post', `${servicePath}/user`, { username }).expect(200);
  return house;
}

function csrOf(input: Partial<RequestInput> = {}): { csr: string; sha256: string } {
  const { key = makeKey('prime256v1'), subject = '/CN=app', ...strange } = input;
  const { pem } = makeRequest({ key, subject, ...strange });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return { csr: Buffer.from(pem).toString('base64'), sha256: hash('sha256', spki) };
}

function keyOf({ access_cert }: Pick<ShownUser, 'access_cert'>): string {
  const { publicKey } = new X509Certificate(access_cert);
  return hash('sha256', publicKey.export({ format: 'der', type: 'spki' }));
}

async function sealedKeysIn({ gateway }: ServiceHouse): Promise<(string | null)[]> {
  const rows = await gateway.database.db
    .selectFrom('service_users')
    .select('sealed_key')
    .where('username', '=', 'app')
    .execute();
  return rows.map(({ sealed_key }) => sealed_key);
}

describeOnEachDatabase('a certification request of a service user', (fresh) => {
  it('SU-R3: is what the next renewal issues for, the ones after it certify the same key, a reset ends it', async () => {
    const house = await open(await fresh());
    const { asRoot, gateway, user, reset } = house;
    const { csr, sha256 } = csrOf();
    expectRefusal(await asRoot('get', requestPath), 404, 'resource-unknown');
    const kept = await asRoot('put', requestPath, { csr }).expect(200);
    expect(kept.body.message).toContain('O=p1, OU=kafka-1, CN=app');
    const shown = await asRoot('get', requestPath).expect(200);
    expect(shown.body).toEqual({ certificate_request: kept.body.certificate_request });
    expect(shown.body.certificate_request.key_sha256).toBe(sha256);
    await asRoot('put', requestPath, { csr }).expect(200);
    expect(await eventsOf(gateway, 'service-user.request-kept')).toHaveLength(1);

    gateway.clock.advance(730 * day);
    await gateway.renewServiceUsers();
    const own = await user('app');
    expect(keyOf(own)).toBe(sha256);
    expect(new X509Certificate(own.access_cert).subject).toBe('O=p1\nOU=kafka-1\nCN=app');
    expect(own).not.toHaveProperty('access_key');
    expect(own).toHaveProperty('expiring_cert_not_valid_after_time');
    expect(await sealedKeysIn(house)).toEqual([null]);
    expectRefusal(await asRoot('get', requestPath), 404, 'resource-unknown');
    expect((await user('web')).access_key).toMatch(/PRIVATE KEY/);

    gateway.clock.advance(730 * day);
    await gateway.renewServiceUsers();
    const again = await user('app');
    expect(keyOf(again)).toBe(sha256);
    expect(again.access_cert).not.toBe(own.access_cert);
    expect(await sealedKeysIn(house)).toEqual([null]);
    expect(await announced(gateway)).toContainEqual(expect.stringMatching(/renewed .*app/));
    const events = await eventsOf(gateway, 'service-user.renewed');
    const keys = events
      .filter(({ holder }) => holder === 'p1/kafka-1/app')
      .map(({ detail }) => (JSON.parse(detail) as { key: string }).key);
    expect(keys).toEqual(['request', 'kept']);
    const same = await asRoot('post', `${userPath}/revocations`, { reason: 'keyCompromise' });
    expectRefusal(same, 409, 'state-conflict');
    expectRefusal(await asRoot('put', requestPath, { csr }), 400, 'key-reused');

    await reset('app').expect(200);
    expect((await user('app')).access_key).toMatch(/PRIVATE KEY/);
    await asRoot('post', `${userPath}/revocations`, { reason: 'keyCompromise' }).expect(200);
    expectRefusal(await asRoot('put', requestPath, { csr }), 400, 'key-in-use');
    for (const table of ['service_users', 'certificates', 'audit_events', 'public_keys'] as const) {
      const rows = await gateway.database.db.selectFrom(table).selectAll().execute();
      expect(JSON.stringify(rows)).not.toContain('PRIVATE KEY');
    }
  });

  it('SU-P1: does not outlive a reset, which may be there to shut its sender out', async () => {
    const { asRoot, reset, user } = await open(await fresh());
    const { csr, sha256 } = csrOf();
    await asRoot('put', requestPath, { csr }).expect(200);
    await reset('app').expect(200);
    expectRefusal(await asRoot('get', requestPath), 404, 'resource-unknown');
    await asRoot('post', `${userPath}/renewals`).expect(200);
    expect(keyOf(await user('app'))).not.toBe(sha256);
    await asRoot('put', requestPath, { csr }).expect(200);
    await asRoot('post', `${userPath}/renewals`, { again: true }).expect(200);
    expect(keyOf(await user('app'))).toBe(sha256);
  });

  it('leaves the key with its holder: PEM is certificate and CA, Java stores are refused', async () => {
    const { asRoot, user } = await open(await fresh());
    await asRoot('put', requestPath, { csr: csrOf().csr }).expect(200);
    await asRoot('post', `${userPath}/renewals`).expect(200);
    const { body } = await asRoot('get', `${userPath}/credentials`).expect(200);
    const files = body.files as { name: string; content: string }[];
    expect(files.map(({ name }) => name)).toEqual(['ca.pem', 'service.cert']);
    expect(body.message).toContain('with its holder');
    const { access_cert } = await user('app');
    expect(Buffer.from(files[1]?.content ?? '', 'base64').toString()).toBe(access_cert);
    const java = await asRoot('get', `${userPath}/credentials?format=java`);
    expectRefusal(java, 409, 'state-conflict');
  });

  it('is refused for a key of somebody else or one that was certified, and taken for another name', async () => {
    const { asRoot, gateway } = await open(await fresh());
    const key = makeKey('prime256v1');
    const { csr } = csrOf({ key });
    await asRoot('put', requestPath, { csr }).expect(200);
    const ofWeb = `${servicePath}/user/web/certificate-request`;
    const stolen = csrOf({ key, subject: [] }).csr;
    expectRefusal(await asRoot('put', ofWeb, { csr: stolen }), 400, 'key-in-use');
    expectRefusal(await asRoot('put', ofWeb, { csr }), 400, 'subject-mismatch');
    const repeated = csrOf({ subject: '/CN=app/CN=app' }).csr;
    expectRefusal(await asRoot('put', requestPath, { csr: repeated }), 400, 'subject-mismatch');
    const other = csrOf({ subject: '/O=Other/CN=app' });
    await asRoot('put', requestPath, { csr: other.csr }).expect(200);
    await asRoot('delete', requestPath).expect(200);
    expectRefusal(await asRoot('delete', requestPath), 404, 'resource-unknown');
    await asRoot('put', requestPath, { csr }).expect(200);
    await asRoot('post', `${userPath}/renewals`).expect(200);
    expectRefusal(await asRoot('put', requestPath, { csr }), 400, 'key-reused');
    expect(await eventsOf(gateway, 'service-user.request-withdrawn')).toHaveLength(1);
  });

  it('is read strictly', async () => {
    const { asRoot, gateway } = await open(await fresh());
    const { pem, der } = makeRequest({ key: makeKey('prime256v1'), subject: '/CN=app' });
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    const refused = [
      [{}, 'field-invalid'],
      [{ csr: 7 }, 'field-invalid'],
      [[], 'json-malformed'],
      [{ csr: '' }, 'pem-malformed'],
      [{ csr: 'ä' }, 'base64-malformed'],
      [{ csr: der.toString() }, 'base64-malformed'],
      [{ csr: base64(pem.replace(/CERTIFICATE REQUEST/g, 'PRIVATE KEY')) }, 'pem-label-unexpected'],
      [{ csr: csrOf({ key: makeKey('secp256k1') }).csr }, 'key-unsupported'],
      [{ csr: csrOf({ signature: new Uint8Array(70) }).csr }, 'signature-invalid'],
      [{ csr: base64('x'.repeat(20_000)) }, 'request-too-large'],
    ] as const;
    for (const [body, reason] of refused) {
      const answer = await asRoot('put', requestPath, body);
      expectRefusal(answer, reason === 'request-too-large' ? 413 : 400, reason);
    }
    await fc.assert(
      fc.asyncProperty(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
        const bytes = Buffer.from(der);
        bytes[at] = (bytes[at] ?? 0) ^ by;
        const lines = (bytes.toString('base64').match(/.{1,64}/g) ?? []).join('\n');
        const text = `-----BEGIN CERTIFICATE REQUEST-----\n${lines}\n-----END CERTIFICATE REQUEST-----\n`;
        expect((await asRoot('put', requestPath, { csr: base64(text) })).status).toBe(400);
      }),
      { numRuns: 30 },
    );
    expectRefusal(await asRoot('get', requestPath), 404, 'resource-unknown');
    expect(await recordedCertificates(gateway, 'service-user')).toHaveLength(3);
  });

  it('SU-N1: recipients of one user hear of that user alone', async () => {
    const { asRoot, gateway, user } = await open(await fresh());
    const path = `${userPath}/recipients`;
    const recipients = [{ email: 'Team@example.com' }, { email: 'team@example.com' }];
    const { body } = await asRoot('put', path, { recipients }).expect(200);
    expect(body.user.recipients).toEqual([{ email: 'team@example.com' }]);
    expect(body.user).toEqual(await user('app'));
    for (const wrong of [{}, [], { recipients: ['x'] }, { recipients: [{ email: 'x\r\nBcc: y' }] }])
      expect((await asRoot('put', path, wrong)).status).toBe(400);
    await asRoot('post', `${servicePath}/renewals`).expect(202);
    await gateway.renewServiceUsers();
    expect(await announced(gateway)).toEqual([
      'certificate-renewed p1/kafka-1 app -> mail team@example.com',
      'certificate-renewed p1/kafka-1 app,avnadmin,web -> mail root@example.com',
    ]);
    await asRoot('put', path, { recipients: [] }).expect(200);
    expect(await eventsOf(gateway, 'service-user.recipients-changed')).toHaveLength(2);
  });
});
