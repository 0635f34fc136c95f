import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { Test } from 'supertest';
import type { Holder, TestGateway } from '../support/gateway.js';
import {
  call,
  callAdmin,
  pair,
  renew,
  startTestGateway,
  temporaryHome,
} from '../support/gateway.js';
import { subjectOf } from '../support/gateway.js';
import { makeOpensslAuthority, signOutside } from '../support/openssl-authority.js';
import { countCertificates, refusals } from '../support/refusals.js';
import { stealAuthority, unsealServerPair } from '../support/unsealed.js';

const holderRoutes = [
  ['get', '/v1/applications/management/info'],
  ['post', '/v1/applications/certificates/renewals'],
  ['post', '/v1/applications/certificates/revocations'],
] as const;
const wayBack = 'Ask the operator of the gateway for a new token and pair again.';
const day = 86_400;

/** The refusal of every route for holders: a status, a reason, a closed connection and nothing on record. */
async function expectRefusedEverywhere(
  gateway: TestGateway,
  presented: Pick<Holder, 'certPem' | 'keyPem'> | undefined,
  expected: { status: number; error: string; reason: string; detail: string },
): Promise<void> {
  const before = await countCertificates(gateway);
  for (const [method, path] of holderRoutes) {
    const answer = await call(gateway, method, path, presented).send(
      method === 'post' ? '{"csr":""}' : undefined,
    );
    const { status, ...members } = expected;
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({ code: status, ...members, requestId: expect.any(String) });
    expect(answer.headers['connection']).toBe('close');
  }
  expect(await countCertificates(gateway)).toEqual(before);
}

function info(gateway: TestGateway, holder: Pick<Holder, 'certPem' | 'keyPem'>): Test {
  return call(gateway, 'get', '/v1/applications/management/info', holder);
}

describe('the certificate that a client presents', () => {
  it('HI-C1: none is 401 on every route for holders and says how to present one', async () => {
    const gateway = await startTestGateway();
    await expectRefusedEverywhere(gateway, undefined, {
      status: 401,
      error: 'A client certificate is required.',
      reason: 'certificate-required',
      detail: 'Present it in the TLS handshake: curl --cert FILE --key FILE.',
    });
  });

  it('HI-C2: serves to the last second of validity and refuses one second later', async () => {
    const gateway = await startTestGateway({ EVERLEAF_CLIENT_VALIDITY: '10d' });
    const holder = await pair(gateway);
    gateway.clock.advance(10 * day);
    await info(gateway, holder).expect(200);
    const end = new Date(gateway.clock.now() * 1000).toISOString();
    gateway.clock.advance(1);
    await expectRefusedEverywhere(gateway, holder, {
      status: 403,
      error: `The certificate expired on ${end}.`,
      reason: 'certificate-expired',
      detail: `${wayBack} The operator makes it with: everleaf token create --recover ${holder.sha256.slice(0, 16)}`,
    });
  });

  it('HI-C2: refuses one that is not valid yet, and serves it from its first second on', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    const start = new Date(gateway.clock.now() * 1000).toISOString();
    gateway.clock.advance(-1);
    await expectRefusedEverywhere(gateway, holder, {
      status: 403,
      error: `The certificate is not valid before ${start}.`,
      reason: 'certificate-not-yet-valid',
      detail: 'Compare the clocks of both sides, or wait.',
    });
    gateway.clock.advance(1);
    await info(gateway, holder).expect(200);
  });

  it('HI-C2 HI-C6: an expired certificate that is revoked too cannot even revoke itself again', async () => {
    const gateway = await startTestGateway({ EVERLEAF_CLIENT_VALIDITY: '10d' });
    const holder = await pair(gateway);
    const revoke = (): Test =>
      call(gateway, 'post', '/v1/applications/certificates/revocations', holder);
    await revoke().expect(201);
    await revoke().expect(201);
    gateway.clock.advance(10 * day + 1);
    expect((await revoke().expect(403)).body.reason).toBe('certificate-expired');
  });

  it('HI-C6: a revoked one is refused on the next request, on every replica', async () => {
    const gateway = await startTestGateway();
    const replica = await startTestGateway({ EVERLEAF_HOME: gateway.home }, gateway.clock);
    const [holder, other] = [await pair(gateway), await pair(gateway, 'other')];
    await info(replica, holder).expect(200);
    await callAdmin(gateway, 'post', '/v1/applications/certificates/revocations')
      .send(JSON.stringify({ hash: holder.sha256 }))
      .expect(201);
    for (const one of [gateway, replica]) {
      const { body } = await renew(one, holder).expect(403);
      expect(body.error).toBe('Certificate has been revoked.');
      expect(body.reason).toBe('certificate-revoked');
      expect(body.detail).toBe(wayBack);
      await info(one, holder).expect(403);
      await info(one, other).expect(200);
    }
    expect(await countCertificates(gateway)).toEqual({ application: 2, server: 1 });
  });

  it('HI-C8: a server certificate and the authority itself are no applications', async () => {
    const folder = temporaryHome();
    const authority = await makeOpensslAuthority({ folder, name: 'ours' });
    const gateway = await startTestGateway(authority.settings);
    const { body } = await info(gateway, await unsealServerPair(gateway)).expect(403);
    expect(body.error).toBe('A server certificate is not accepted here.');
    expect(body.reason).toBe('certificate-wrong-kind');
    const ofAuthority = {
      certPem: readFileSync(authority.certFile, 'utf8'),
      keyPem: readFileSync(authority.keyFile, 'utf8'),
    };
    expect((await info(gateway, ofAuthority).expect(403)).body.reason).toBe(
      'certificate-not-on-record',
    );
    expect(await refusals(gateway)).toEqual([
      ['warning', 'server:localhost', 'certificate-wrong-kind'],
      ['warning', 'address:127.0.0.1', 'certificate-not-on-record'],
    ]);
  });
});

describe('a certificate from somewhere else', () => {
  it('HI-C5: self-signed with the subject of an application is refused', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    const folder = temporaryHome();
    const impostor = await signOutside({ folder, subject: subjectOf('app') });
    await expectRefusedEverywhere(gateway, impostor, {
      status: 403,
      error: 'The client certificate was not issued by this gateway.',
      reason: 'certificate-unknown',
      detail: wayBack,
    });
    await info(gateway, holder).expect(200);
  });

  it('HI-C5: another authority with the same name and key identifier signs for nobody here', async () => {
    const folder = temporaryHome();
    const names = { folder, subject: '/O=Organization/CN=Same', keyId: '0102030405060708' };
    const ours = await makeOpensslAuthority({ ...names, name: 'ours' });
    const theirs = await makeOpensslAuthority({ ...names, name: 'theirs' });
    const gateway = await startTestGateway(ours.settings);
    const holder = await pair(gateway);
    const impostor = await signOutside({
      folder,
      subject: subjectOf('app'),
      authority: theirs,
      extensions: ['extendedKeyUsage=clientAuth', 'authorityKeyIdentifier=keyid'],
    });
    const { body } = await info(gateway, impostor).expect(403);
    expect(body.reason).toBe('certificate-unknown');
    expect((await renew(gateway, impostor).expect(403)).body.reason).toBe('certificate-unknown');
    await info(gateway, holder).expect(200);
    expect(await countCertificates(gateway)).toEqual({ application: 1, server: 1 });
  });

  it('HI-C9: signed by the authority but not on record is refused and audited as a warning', async () => {
    const folder = temporaryHome();
    const authority = await makeOpensslAuthority({ folder, name: 'ours' });
    const gateway = await startTestGateway(authority.settings);
    const outside = await signOutside({ folder, subject: subjectOf('app'), authority });
    await expectRefusedEverywhere(gateway, outside, {
      status: 403,
      error: 'The client certificate is not on record here.',
      reason: 'certificate-not-on-record',
      detail: wayBack,
    });
    expect(await refusals(gateway)).toEqual([
      ['warning', 'address:127.0.0.1', 'certificate-not-on-record'],
    ]);
  });

  it('HI-C9: the key that the gateway made for its own authority signs nothing past the record', async () => {
    const gateway = await startTestGateway();
    const folder = temporaryHome();
    const authority = await stealAuthority(gateway, folder);
    const outside = await signOutside({ folder, subject: subjectOf('app'), authority });
    const { body } = await renew(gateway, outside).expect(403);
    expect(body.reason).toBe('certificate-not-on-record');
  });
});
