import { describe, expect, it } from '@jest/globals';
import { createPrivateKey, hash, X509Certificate } from 'node:crypto';
import type { Test } from 'supertest';
import { readCertificate } from '../../src/pki/certificate-facts.js';
import { commandLine } from '../support/command-line.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { startTestGateway } from '../support/gateway.js';
import { makeNodeRequest } from '../support/node-requests.js';
import { addUser, callAsUser, expectRefusal, startOn } from '../support/people.js';
import { eventsOf, recordedCertificates } from '../support/record.js';
import { makeKey, makeRequest } from '../support/requests.js';
import { newKafka, openService, prepareAuthority, servicePath } from '../support/services.js';
import type { ServiceHouse } from '../support/services.js';
import { verifyTogether } from '../support/verify.js';

const path = `${servicePath}/certificates`;
const brokers = ['b1.example.com', 'B2.Example.com', '*.wild.example.com', '10.0.0.1', '::1'];

async function openNodes(gateway: Parameters<typeof openService>[0]) {
  const house = await openService(gateway);
  await house.asRoot('put', servicePath, { user_config: { hosts: brokers } }).expect(200);
  return house;
}

function certify({ asRoot }: Pick<ServiceHouse, 'asRoot'>, csr: unknown): Test {
  return asRoot('post', path, { csr });
}

describeOnEachDatabase('the certificates of servers', (fresh) => {
  it('SU-C1: are issued for hosts of the service by the CA of the project, and listed', async () => {
    const house = await openNodes(await startOn(await fresh()));
    const { asRoot, gateway } = house;
    const request = makeNodeRequest(['DNS:B1.example.com', 'IP:10.0.0.1', 'DNS:b2.example.com']);
    const { body } = await certify(house, request.csr).expect(200);
    const facts = readCertificate(new X509Certificate(body.certificate).raw);
    expect(facts).toMatchObject({
      isAuthority: false,
      dnsNames: ['b1.example.com', 'b2.example.com'],
      ipAddresses: ['10.0.0.1'],
      keyUsage: ['digitalSignature'],
      extendedKeyUsage: ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'],
      notAfter: gateway.clock.now() + 820 * 86_400,
    });
    const certificate = new X509Certificate(body.certificate);
    expect(certificate.subject).toBe('O=p1\nOU=kafka-1\nCN=b1.example.com');
    expect(certificate.checkPrivateKey(request.key)).toBe(true);
    expect(body).toMatchObject({
      ca: (await asRoot('get', '/v1/project/p1/kms/ca')).body.certificate,
      sha256: facts.sha256,
    });
    expect(Date.parse(body.not_valid_after_time) / 1000).toBe(facts.notAfter);
    await verifyTogether([{ certPem: body.certificate, bundle: body.ca }]);
    expect((await asRoot('get', path).expect(200)).body).toEqual({
      certificates: [
        {
          sha256: facts.sha256,
          names: ['b1.example.com', 'b2.example.com', '10.0.0.1'],
          not_valid_after_time: body.not_valid_after_time,
          revoked: false,
        },
      ],
    });
    expect(await eventsOf(gateway, 'service.certified')).toEqual([
      expect.objectContaining({
        actor: 'user:root@example.com',
        holder: 'p1/kafka-1',
        certificate: facts.sha256,
        project: 'p1',
        service: 'kafka-1',
      }),
    ]);
    const told = await asRoot('get', '/v1/project/p1/events').expect(200);
    expect(told.body.events[0].event_desc).toBe(
      'A server certificate was issued for b1.example.com b2.example.com 10.0.0.1.',
    );
  });

  it('are revoked by an operator, of which the members of the project read', async () => {
    const house = await openNodes(await startOn(await fresh()));
    const { csr } = makeNodeRequest(['DNS:b1.example.com']);
    const { body } = await certify(house, csr).expect(200);
    await commandLine(house.gateway, `certificate revoke ${String(body.sha256)}`);
    const events = await house.asRoot('get', '/v1/project/p1/events').expect(200);
    expect(events.body.events[0]).toMatchObject({
      event_type: 'certificate.revoked',
      service_name: 'kafka-1',
      event_desc: 'A certificate of a server was revoked: unspecified.',
    });
  });

  it('are revoked with the service, and those of one of its name later are its own', async () => {
    const house = await openNodes(await startOn(await fresh()));
    const { asRoot, gateway } = house;
    const request = makeNodeRequest(['DNS:b1.example.com']);
    await certify(house, request.csr).expect(200);
    await certify(house, request.csr).expect(200);
    expect((await asRoot('get', path).expect(200)).body.certificates).toHaveLength(2);
    gateway.clock.advance(1);
    await asRoot('delete', servicePath).expect(200);
    const rows = await recordedCertificates(gateway, 'service');
    expect(rows.map(({ revocation_reason }) => revocation_reason)).toEqual(
      Array(2).fill('cessationOfOperation'),
    );
    const [{ detail } = { detail: '' }] = await eventsOf(gateway, 'service.deleted');
    expect(JSON.parse(detail)).toEqual({ users: 1, revoked: 3 });
    gateway.clock.advance(1);
    await asRoot('post', '/v1/project/p1/service', newKafka).expect(200);
    expect((await asRoot('get', path).expect(200)).body).toEqual({ certificates: [] });
  });

  it('and a user never have the same subject', async () => {
    const house = await openNodes(await startOn(await fresh()));
    const { asRoot, gateway } = house;
    await asRoot('post', `${servicePath}/user`, { username: 'b1.example.com' }).expect(200);
    const both = ['DNS:b1.example.com', 'DNS:b2.example.com'] as const;
    const taken = await certify(house, makeNodeRequest(both).csr);
    expectRefusal(taken, 409, 'state-conflict');
    await certify(house, makeNodeRequest([both[1], both[0]]).csr).expect(200);
    const user = () => asRoot('post', `${servicePath}/user`, { username: 'b2.example.com' });
    expectRefusal(await user(), 409, 'state-conflict');
    gateway.clock.advance(821 * 86_400);
    await user().expect(200);
  });

  it('races: a user of that name, and the deletion of the service', async () => {
    const house = await openNodes(await startOn(await fresh()));
    const { asRoot, gateway } = house;
    const username = 'x.wild.example.com';
    const { csr } = makeNodeRequest([`DNS:${username}`]);
    const [user, server] = await Promise.all([
      asRoot('post', `${servicePath}/user`, { username }),
      certify(house, csr),
    ]);
    expect([user.status, server.status].sort()).toEqual([200, 409]);
    const other = makeNodeRequest(['DNS:b1.example.com']).csr;
    const [deleted, late] = await Promise.all([
      asRoot('delete', servicePath),
      certify(house, other),
    ]);
    expect([deleted.status, [200, 404].includes(late.status)]).toEqual([200, true]);
    const rows = await recordedCertificates(gateway, 'service');
    expect(rows).toHaveLength([server, late].filter(({ status }) => status === 200).length);
    expect(rows.filter(({ revoked_at }) => revoked_at === null)).toEqual([]);
  });

  it('SU-K4: are of the CA before until the service has taken the second update', async () => {
    const house = await openNodes(await startOn(await fresh()));
    const { asRoot, gateway } = house;
    const bundle = async () =>
      String((await asRoot('get', '/v1/project/p1/kms/ca').expect(200)).body.certificate);
    const old = await bundle();
    const next = await prepareAuthority(gateway, 'p1');
    await next.activate();
    const issued = async () => {
      const { csr } = makeNodeRequest(['DNS:b1.example.com']);
      return String((await certify(house, csr).expect(200)).body.certificate);
    };
    const take = (phase: number) =>
      gateway.database.db.updateTable('services').set({ trust_update: phase }).execute();
    for (const phase of [0, 1]) {
      await take(phase);
      await verifyTogether([{ certPem: await issued(), bundle: old }]);
    }
    await take(2);
    await verifyTogether([{ certPem: await issued(), bundle: next.pem }]);
  });
});

describe('a request for a server certificate', () => {
  it('is refused where it goes beyond the hosts, and nothing goes on record', async () => {
    const house = await openNodes(await startTestGateway());
    const foreign = [
      ['DNS:evil.example.com'],
      ['DNS:b1.example.com', 'DNS:evil.example.com'],
      ['DNS:*.example.com'],
      ['DNS:a.b.wild.example.com'],
      ['DNS:wild.example.com'],
      ['DNS:b1.example.com.'],
      ['DNS:b1.example.com\0.evil.com'],
      ['DNS:10.0.0.1'],
      ['IP:10.0.0.2'],
      ['DNS:b1.example.com', 'URI:spiffe://p1/b1'],
      ['URI:spiffe://p1/b1'],
      [],
    ] as const;
    for (const names of foreign) {
      const refused = await certify(house, makeNodeRequest(names).csr);
      expectRefusal(refused, 400, 'subject-mismatch');
      expect(refused.body.message).toContain(
        'kafka.example.com, b1.example.com, b2.example.com, *.wild.example.com, 10.0.0.1, ::1',
      );
    }
    const byName = makeNodeRequest([], { subject: '/CN=evil.example.com' });
    expectRefusal(await certify(house, byName.csr), 400, 'subject-mismatch');
    expect(await recordedCertificates(house.gateway, 'service')).toEqual([]);
  });

  it('names by CN where it has no alternative name, below a wildcard, and by DER', async () => {
    const house = await openNodes(await startTestGateway());
    const named = async (csr: unknown) => {
      const { body } = await certify(house, csr).expect(200);
      const { dnsNames, ipAddresses } = readCertificate(new X509Certificate(body.certificate).raw);
      return [...dnsNames, ...ipAddresses];
    };
    const of = (CN: string) => makeNodeRequest([], { subject: `/O=Other/CN=${CN}` });
    expect(await named(of('KAFKA.example.com').csr)).toEqual(['kafka.example.com']);
    expect(await named(of('0:0:0:0:0:0:0:1').csr)).toEqual(['::1']);
    expect(await named(makeNodeRequest(['DNS:x.wild.example.com']).csr)).toEqual([
      'x.wild.example.com',
    ]);
    expect(await named(makeNodeRequest(['DNS:*.wild.example.com']).csr)).toEqual([
      '*.wild.example.com',
    ]);
    const both = makeNodeRequest(['DNS:b1.example.com'], { subject: '/CN=evil.example.com' });
    expect(await named(Buffer.from(both.der).toString('base64'))).toEqual(['b1.example.com']);
  });

  it('that is none, of a weak key or of a key that somebody else has, is refused', async () => {
    const house = await openNodes(await startTestGateway());
    const { csr, der } = makeNodeRequest(['DNS:b1.example.com']);
    const base64 = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString('base64');
    const broken = Buffer.from(der);
    broken[broken.length - 1] = (broken.at(-1) ?? 0) ^ 1;
    const { access_cert, access_key } = await house.user('avnadmin');
    for (const [body, status, reason] of [
      [{}, 400, 'field-invalid'],
      [{ csr: 1 }, 400, 'field-invalid'],
      [{ csr: '' }, 400, 'base64-malformed'],
      [{ csr: `${csr}!` }, 400, 'base64-malformed'],
      [{ csr: base64('text') }, 400, 'pem-malformed'],
      [{ csr: base64(access_cert) }, 400, 'pem-label-unexpected'],
      [{ csr: base64(der.subarray(0, -1)) }, 400, 'request-malformed'],
      [{ csr: base64(Buffer.concat([der, Buffer.of(0)])) }, 400, 'request-malformed'],
      [{ csr: base64(broken) }, 400, 'signature-invalid'],
      [{ csr: base64(makeRequest({ key: makeKey('rsa-1024') }).der) }, 400, 'key-unsupported'],
      [{ csr: base64(Buffer.concat([der, Buffer.alloc(16_384)])) }, 413, 'request-too-large'],
    ] as const)
      expectRefusal(await house.asRoot('post', path, body), status, reason);
    const stolen = makeNodeRequest(['DNS:b1.example.com'], {
      key: createPrivateKey(access_key),
    });
    expectRefusal(await certify(house, stolen.csr), 400, 'key-in-use');
    expect(await recordedCertificates(house.gateway, 'service')).toEqual([]);
  });

  it('needs the right to change services, a service that is there, and a host of it', async () => {
    const house = await openService(await startTestGateway());
    const { gateway, asRoot, addMember } = house;
    const { csr } = makeNodeRequest(['DNS:kafka.example.com']);
    for (const [role, status] of [
      ['operator', 200],
      ['developer', 403],
      ['read_only', 403],
    ] as const) {
      const member = await addMember(role);
      const answer = await callAsUser(gateway, member, 'post', path).send({ csr });
      expect([role, answer.status]).toEqual([role, status]);
      await callAsUser(gateway, member, 'get', path).expect(200);
    }
    const stranger = await addUser(gateway, 'stranger@example.com');
    for (const method of ['get', 'post'] as const) {
      expectRefusal(await callAsUser(gateway, stranger, method, path), 404, 'project-unknown');
      const none = await asRoot(method, '/v1/project/p1/service/none/certificates', { csr });
      expectRefusal(none, 404, 'resource-unknown');
    }
    expectRefusal(await asRoot('put', path, {}), 405, 'method-not-allowed');
    const pg = { ...newKafka, service_name: 'pg-1', service_type: 'pg', user_config: {} };
    await asRoot('post', '/v1/project/p1/service', pg).expect(200);
    const hostless = await asRoot('post', '/v1/project/p1/service/pg-1/certificates', { csr });
    expectRefusal(hostless, 409, 'state-conflict');
  });

  it('gets no certificate that outlives the CA, and one as long as the project says', async () => {
    const house = await openService(await startTestGateway());
    const { asRoot, gateway } = house;
    const { csr } = makeNodeRequest(['DNS:kafka.example.com']);
    await asRoot('put', '/v1/project/p1', { certificate_validity: '100d' }).expect(200);
    const { body } = await certify(house, csr).expect(200);
    expect(Date.parse(body.not_valid_after_time) / 1000).toBe(gateway.clock.now() + 100 * 86_400);
    gateway.clock.advance(3600 * 86_400);
    const last = await certify(house, csr).expect(200);
    const ca = readCertificate(new X509Certificate(last.body.ca).raw);
    expect(Date.parse(last.body.not_valid_after_time) / 1000).toBe(ca.notAfter);
    expect(hash('sha256', new X509Certificate(last.body.certificate).raw)).toBe(last.body.sha256);
  });

  it('reads hosts and what clients trust strictly, and shows both', async () => {
    const { asRoot } = await openService(await startTestGateway());
    for (const user_config of [
      { hosts: 'b1.example.com' },
      { hosts: [1] },
      { hosts: ['a b'] },
      { hosts: ['*'] },
      { hosts: ['a.*.b'] },
      { hosts: ['fe80::1%eth0'] },
      { hosts: Array(201).fill('b1.example.com') },
      { clients_trust: 'all' },
    ])
      expectRefusal(await asRoot('put', servicePath, { user_config }), 400, 'field-invalid');
    const ca = (await asRoot('get', '/v1/project/p1/kms/ca')).body.certificate;
    const shown = await asRoot('get', servicePath).expect(200);
    expect(shown.body.service.client_ca).toEqual({ trust: 'project_ca', certificate: ca });
    const user_config = { hosts: brokers, clients_trust: 'browser' };
    const { body } = await asRoot('put', servicePath, { user_config }).expect(200);
    expect(body.service).toMatchObject({
      user_config,
      client_ca: { trust: 'browser', certificate: null },
    });
    const { body: taken } = await asRoot('put', servicePath, {
      user_config: { hosts: null, clients_trust: null },
    }).expect(200);
    expect(taken.service.user_config).toEqual({ host: 'kafka.example.com', port: 9093 });
  });
});
