import { afterEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import type { Test } from 'supertest';
import { call, csrBody, holderFrom, pair, startTestGateway } from '../support/gateway.js';
import { subjectOf, temporaryHome, testClock } from '../support/gateway.js';
import type { Holder, TestClock, TestGateway } from '../support/gateway.js';
import type { Nginx } from '../support/nginx.js';
import { startNginxProxy } from '../support/nginx-proxy.js';
import { makeOpensslAuthority, signOutside } from '../support/openssl-authority.js';
import { certPair, clientCertOf, infoPath, makeProxyPair } from '../support/proxy.js';
import { eventsOf, successorsOf } from '../support/record.js';
import { installed } from '../support/tools.js';

const running: Nginx[] = [];

afterEach(async () => {
  for (const nginx of running.splice(0)) await nginx.stop();
});

/** A gateway that trusts a pinned nginx in front of it. */
async function startBehindNginx(
  more: {
    readonly settings?: Readonly<Record<string, string>>;
    readonly clock?: TestClock;
    readonly change?: (configuration: string) => string;
  } = {},
): Promise<{ readonly gateway: TestGateway; readonly nginx: Nginx }> {
  const { own, settings } = await makeProxyPair(temporaryHome());
  const gateway = await startTestGateway({ ...settings, ...more.settings }, more.clock);
  const nginx = await startNginxProxy(gateway, own, more.change);
  running.push(nginx);
  return { gateway, nginx };
}

function through(nginx: Nginx, method: 'get' | 'post', path: string, holder?: Holder): Test {
  const test = request(nginx.url)[method](path).ca(nginx.ca);
  return holder ? test.cert(holder.certPem).key(holder.keyPem) : test;
}

/** Every header by which a client could claim a certificate, in one spelling or another. */
const claimsOf = (holder: Holder): readonly Readonly<Record<string, string>>[] => [
  { 'X-Forwarded-Client-Cert': certPair(holder) },
  { 'x-forwarded-client-cert': `Hash=${holder.sha256}` },
  { 'Client-Cert': clientCertOf(holder) },
  { 'X-Forwarded-Client-Cert': certPair(holder), 'Client-Cert': clientCertOf(holder) },
  { X_Forwarded_Client_Cert: certPair(holder), Client_Cert: clientCertOf(holder) },
  { Connection: 'close, X-Forwarded-Client-Cert', 'X-Forwarded-Client-Cert': certPair(holder) },
];

const here = installed('nginx').length === 1 ? describe : describe.skip;

here('an nginx with scripts/proxies/nginx.conf in front', () => {
  it('HI-P3: lets the holder renew, again with what it got, and revoke', async () => {
    const { gateway, nginx } = await startBehindNginx();
    let holder = await pair(gateway, 'app', 'rsa-2048');
    for (let turn = 0; turn < 2; turn += 1) {
      const path = '/v1/applications/certificates/renewals';
      const { body } = await through(nginx, 'post', path, holder)
        .send(csrBody({ key: holder.key, subject: subjectOf('app') }))
        .expect(201);
      const renewed = holderFrom(body, holder);
      const successors = await successorsOf(gateway, holder.sha256);
      expect(successors.map(({ sha256 }) => sha256)).toEqual([renewed.sha256]);
      holder = renewed;
    }
    const { body } = await through(nginx, 'get', infoPath, holder).expect(200);
    expect(body.clientIdentity).toEqual({ application: 'app' });
    const path = '/v1/applications/certificates/revocations';
    await through(nginx, 'post', path, holder).send('{"reason":"superseded"}').expect(201);
  });

  it('HI-P3: lets an application pair without a certificate', async () => {
    const { nginx } = await startBehindNginx();
    await through(nginx, 'get', '/v1/api.yaml').expect(200);
    const path = '/v1/applications/signingRequests/info?token=x';
    expect((await through(nginx, 'get', path).expect(403)).body.reason).toBe('token-unknown');
  });

  it('HI-P1: whatever a client without a certificate sends, it is nobody', async () => {
    const { gateway, nginx } = await startBehindNginx();
    const victim = await pair(gateway);
    for (const claim of [{}, ...claimsOf(victim)]) {
      const { body } = await through(nginx, 'get', infoPath).set(claim).expect(401);
      expect(body.reason).toBe('certificate-required');
      expect(body.detail).toContain('The proxy forwarded none');
    }
  });

  it('HI-P1: whatever a client with a certificate sends, it is who that says', async () => {
    const { gateway, nginx } = await startBehindNginx();
    const [victim, other] = [await pair(gateway), await pair(gateway, 'other')];
    for (const claim of claimsOf(victim)) {
      const { body } = await through(nginx, 'get', infoPath, other).set(claim).expect(200);
      expect(body.clientIdentity).toEqual({ application: 'other' });
    }
    expect(await eventsOf(gateway, 'identity-header.ignored')).toEqual([]);
  });

  it('HI-P1: whoever goes round nginx gets nothing out of its headers', async () => {
    const { gateway, nginx } = await startBehindNginx();
    const holder = await pair(gateway);
    await through(nginx, 'get', infoPath, holder).expect(200);
    for (const claim of claimsOf(holder).slice(0, 4))
      await call(gateway, 'get', infoPath).set(claim).expect(401);
  });

  it('HI-P3: the gateway itself refuses revoked and unknown certificates', async () => {
    const folder = temporaryHome();
    const authority = await makeOpensslAuthority({ folder, name: 'ours' });
    const { gateway, nginx } = await startBehindNginx({ settings: authority.settings });
    const holder = await pair(gateway);
    const reasonFor = async (one: Holder): Promise<unknown> =>
      (await through(nginx, 'get', infoPath, one).expect(403)).body.reason;
    await through(nginx, 'post', '/v1/applications/certificates/revocations', holder).expect(201);
    expect(await reasonFor(holder)).toBe('certificate-revoked');
    const outside = await signOutside({ folder, subject: subjectOf('app'), authority });
    expect(await reasonFor(outside)).toBe('certificate-not-on-record');
    const stranger = await signOutside({ folder, subject: subjectOf('app') });
    expect(await reasonFor(stranger)).toBe('certificate-unknown');
  });

  it('HI-P3: the gateway itself refuses an expired certificate, with the date and the way back', async () => {
    const clock = testClock();
    clock.advance(-3 * 86_400);
    const settings = { EVERLEAF_CLIENT_VALIDITY: '1d' };
    const { gateway, nginx } = await startBehindNginx({ settings, clock });
    const holder = await pair(gateway);
    clock.advance(3 * 86_400);
    const renewing = through(nginx, 'post', '/v1/applications/certificates/renewals', holder);
    const { body } = await renewing
      .send(csrBody({ key: holder.key, subject: subjectOf('app') }))
      .expect(403);
    expect(body.reason).toBe('certificate-expired');
    expect(body.error).toContain('The certificate expired on 20');
    expect((await through(nginx, 'get', infoPath, holder).expect(403)).body.reason).toBe(
      'certificate-expired',
    );
  });

  it('HI-P1: gives the address of the client', async () => {
    const { gateway, nginx } = await startBehindNginx();
    await through(nginx, 'get', infoPath).set('X-Forwarded-For', '203.0.113.7').expect(401);
    const events = await eventsOf(gateway, 'request.refused');
    expect(events.map(({ actor }) => actor)).toEqual(['address:127.0.0.1']);
  });

  it('HI-P1: without its lines that overwrite, a client would be whoever it says', async () => {
    const { gateway, nginx } = await startBehindNginx({
      change: (configuration) => configuration.replaceAll(/proxy_set_header .*Client-Cert.*;/g, ''),
    });
    const victim = await pair(gateway);
    const claim = { 'X-Forwarded-Client-Cert': certPair(victim) };
    await through(nginx, 'get', infoPath).set(claim).expect(200);
  });
});
