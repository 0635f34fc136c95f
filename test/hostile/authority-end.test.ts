import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { call, createToken, csrBody, decodeAnswer } from '../support/gateway.js';
import { pair, renew, startTestGateway, subjectOf, temporaryHome } from '../support/gateway.js';
import { makeOpensslAuthority } from '../support/openssl-authority.js';
import { countCertificates } from '../support/refusals.js';

const info = '/v1/applications/management/info';
const day = 86_400;

async function twoAuthorities() {
  const folder = temporaryHome();
  return {
    first: await makeOpensslAuthority({ folder, name: 'first' }),
    second: await makeOpensslAuthority({ folder, name: 'second' }),
  };
}

describe('an authority that is replaced', () => {
  it('HI-C7: a certificate of the retiring one renews into the chain of the active one', async () => {
    const { first, second } = await twoAuthorities();
    const gateway = await startTestGateway(first.settings);
    const holder = await pair(gateway);
    const next = await gateway.restart(second.settings);
    await call(next, 'get', info, holder).expect(200);
    const { crt, clientCrt, caCrt } = decodeAnswer((await renew(next, holder).expect(201)).body);
    const [old, issuing] = [first, second].map(({ certFile }) => readFileSync(certFile, 'utf8'));
    expect(crt).toBe(`${clientCrt}${String(issuing)}`);
    // The one that is retiring is published until it is retired.
    expect(caCrt).toBe(`${String(issuing)}${String(old)}`);
    expect(new X509Certificate(clientCrt).verify(new X509Certificate(caCrt).publicKey)).toBe(true);
    await call(next, 'get', info, { ...holder, certPem: clientCrt }).expect(200);
  });

  it('HI-C7: the answer that the retiring one gave to a request is not given again', async () => {
    const { first, second } = await twoAuthorities();
    const gateway = await startTestGateway(first.settings);
    const holder = await pair(gateway);
    const send = (to: typeof gateway) =>
      call(to, 'post', '/v1/applications/certificates/renewals', holder).send(body).expect(201);
    const body = csrBody({ key: holder.key, subject: subjectOf('app') });
    const before = decodeAnswer((await send(gateway)).body);
    const next = await gateway.restart(second.settings);
    const after = decodeAnswer((await send(next)).body);
    expect(after.clientCrt).not.toBe(before.clientCrt);
    expect(after.crt).toBe(after.clientCrt + readFileSync(second.certFile, 'utf8'));
  });

  it('HI-C7: a certificate of a retired one is refused and told so', async () => {
    const { first, second } = await twoAuthorities();
    const gateway = await startTestGateway(first.settings);
    const holder = await pair(gateway);
    const next = await gateway.restart(second.settings);
    await next.database.db
      .updateTable('authorities')
      .set({ state: 'retired' })
      .where('state', '=', 'retiring')
      .execute();
    const before = await countCertificates(next);
    const { body } = await renew(next, holder).expect(403);
    expect(body.error).toBe('The authority that issued the certificate has been retired.');
    expect(body.reason).toBe('authority-retired');
    expect(body.detail).toMatch(
      /^Ask the operator of the gateway for a new token and pair again\./,
    );
    await call(next, 'get', info, holder).expect(403);
    await call(next, 'post', '/v1/applications/certificates/revocations', holder).expect(403);
    expect(await countCertificates(next)).toEqual(before);
    await call(next, 'get', info, await pair(next, 'another')).expect(200);
  });
});

describe('an authority that ends soon', () => {
  it('HI-C12: certificates end with it, by enrolment and by renewal', async () => {
    const gateway = await startTestGateway({ EVERLEAF_CA_VALIDITY: '30d' });
    const end = new X509Certificate(gateway.ca).validTo;
    const holder = await pair(gateway);
    expect(new X509Certificate(holder.certPem).validTo).toBe(end);
    gateway.clock.advance(29 * day);
    const { clientCrt } = decodeAnswer((await renew(gateway, holder).expect(201)).body);
    expect(new X509Certificate(clientCrt).validTo).toBe(end);
  });

  it('HI-C12: issues until an hour is left, and answers 503 when less is left', async () => {
    const gateway = await startTestGateway({ EVERLEAF_CA_VALIDITY: '30d' });
    const holder = await pair(gateway);
    gateway.clock.advance(30 * day - 3600);
    const token = await createToken(gateway, 'late');
    await renew(gateway, holder).expect(201);
    gateway.clock.advance(1);
    const before = await countCertificates(gateway);
    const { body } = await renew(gateway, holder).expect(503);
    expect(body).toEqual({
      code: 503,
      error: 'The authority expires within the hour and issues nothing more.',
      reason: 'authority-ending',
      detail: 'The operator of this gateway has to bring a new authority.',
      requestId: expect.any(String),
    });
    const enrol = call(gateway, 'post', `/v1/applications/certificates?token=${token}`);
    await enrol.send(csrBody({ key: holder.key, subject: subjectOf('late') })).expect(400);
    await call(gateway, 'get', info, holder).expect(200);
    expect(await countCertificates(gateway)).toEqual(before);
    const { used_at: usedAt } = await gateway.database.db
      .selectFrom('enrolment_tokens')
      .select('used_at')
      .where('application', '=', 'late')
      .executeTakeFirstOrThrow();
    expect(usedAt).toBeNull();
  });

  it('HI-C12: the gateway starts again in the last hour and serves with what it has', async () => {
    const gateway = await startTestGateway({ EVERLEAF_CA_VALIDITY: '30d' });
    const holder = await pair(gateway);
    gateway.clock.advance(30 * day - 1800);
    const again = await gateway.restart();
    await call(again, 'get', info, holder).expect(200);
    await renew(again, holder).expect(503);
  });
});
