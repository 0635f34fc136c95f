import { describe, expect, it } from '@jest/globals';
import { Agent } from 'node:https';
import { setImmediate } from 'node:timers/promises';
import type { Test } from 'supertest';
import { call, holderFrom, pair, renew } from '../support/gateway.js';
import { csrBody, startTestGateway, subjectOf, temporaryHome } from '../support/gateway.js';
import type { Holder, TestGateway } from '../support/gateway.js';
import { askWith, certPair, clientCertOf, infoPath } from '../support/proxy.js';
import { makeProxyPair, trustsThisMachine } from '../support/proxy.js';
import { eventsOf, successorsOf } from '../support/record.js';
import { ask, openTls, requestText } from '../support/wire.js';

const headersIn = (detail: string) => (JSON.parse(detail) as { headers: string[] }).headers;
const addressIn = (detail: string) => (JSON.parse(detail) as { address: string }).address;
const clientIn = (body: string) =>
  (JSON.parse(body) as { clientIdentity: { application: string } }).clientIdentity.application;

async function ignored(gateway: TestGateway) {
  const events = await eventsOf(gateway, 'identity-header.ignored');
  return events.map(({ actor, detail }) => [actor, headersIn(detail)]);
}

async function expectNobody(answering: Test, detail: string): Promise<void> {
  const { body } = await answering.expect(401);
  expect(body).toMatchObject({ reason: 'certificate-required', detail: expect.any(String) });
  expect(body.detail).toContain(detail);
}

/** The same question from another address of this machine. */
function from(address: string, asking: Test): Test {
  return asking.agent(new Agent({ localAddress: address, keepAlive: false }));
}

describe('a trusted proxy', () => {
  it('HI-P1: renews and revokes in the name of the client that it forwards', async () => {
    const gateway = await startTestGateway(trustsThisMachine);
    const holder = await pair(gateway);
    const post = (path: string) =>
      call(gateway, 'post', path).set('X-Forwarded-Client-Cert', certPair(holder));
    const { body } = await post('/v1/applications/certificates/renewals')
      .send(csrBody({ key: holder.key, subject: subjectOf('app') }))
      .expect(201);
    const renewed = holderFrom(body, holder);
    const [successor] = await successorsOf(gateway, holder.sha256);
    expect(successor?.sha256).toBe(renewed.sha256);
    await post('/v1/applications/certificates/revocations').expect(201);
    await askWith(gateway, certPair(holder)).expect(403);
    await askWith(gateway, certPair(renewed)).expect(200);
  });

  it('HI-P1: is never taken for its client, not even with a certificate of its own', async () => {
    const gateway = await startTestGateway();
    const proxy = await pair(gateway, 'proxy');
    await call(gateway, 'get', infoPath, proxy).expect(200);
    const behind = await gateway.restart(trustsThisMachine);
    for (const own of [proxy, undefined])
      await expectNobody(call(behind, 'get', infoPath, own), 'The proxy forwarded none');
    expect((await renew(behind, proxy).expect(401)).body.reason).toBe('certificate-required');
  });

  it('HI-P1: forwards one client after the other on one connection', async () => {
    const gateway = await startTestGateway(trustsThisMachine);
    const [app, other] = [await pair(gateway), await pair(gateway, 'other')];
    const socket = await openTls(gateway, { holder: app });
    const askFor = async (holder: Holder) => {
      const headers = { 'X-Forwarded-Client-Cert': certPair(holder) };
      const answer = await ask(socket, requestText('GET', infoPath, { headers }));
      expect(answer.status).toBe(200);
      return clientIn(answer.body);
    };
    expect([await askFor(app), await askFor(other), await askFor(app)]).toEqual([
      'app',
      'other',
      'app',
    ]);
    const { status, body } = await ask(socket, requestText('GET', infoPath));
    expect([status, JSON.parse(body).reason]).toEqual([401, 'certificate-required']);
  });

  it('HI-P1: is trusted for two headers: the others are ignored and noted', async () => {
    const gateway = await startTestGateway(trustsThisMachine);
    const holder = await pair(gateway);
    await askWith(gateway, certPair(holder)).expect(200);
    expect(await ignored(gateway)).toEqual([]);
    const old = `Hash=${holder.sha256};Subject="CN=app"`;
    await expectNobody(
      call(gateway, 'get', infoPath).set('Certificate-Data', old),
      'The proxy forwarded none',
    );
    expect(await ignored(gateway)).toEqual([['address:127.0.0.1', ['certificate-data']]]);
  });
});

describe('whoever is no proxy', () => {
  it('HI-P1: is who its own certificate says, whatever headers it sends', async () => {
    const gateway = await startTestGateway({ EVERLEAF_GATEWAY_PROXIES: '127.0.0.2,10.0.0.0/8' });
    const [app, other] = [await pair(gateway), await pair(gateway, 'other')];
    const headers = {
      'X-Forwarded-Client-Cert': certPair(app),
      'Client-Cert': clientCertOf(app),
    };
    const { body } = await call(gateway, 'get', infoPath, other).set(headers).expect(200);
    expect(body.clientIdentity).toEqual({ application: 'other' });
    await expectNobody(call(gateway, 'get', infoPath).set(headers), 'TLS handshake');
    expect(await ignored(gateway)).toEqual([
      ['address:127.0.0.1', ['client-cert', 'x-forwarded-client-cert']],
    ]);
    await from('127.0.0.2', askWith(gateway, certPair(app))).expect(200);
    await from('127.0.0.3', askWith(gateway, certPair(app))).expect(401);
  });

  it('HI-P1: is not made one by the list of the admin listener', async () => {
    const gateway = await startTestGateway({ EVERLEAF_ADMIN_PROXIES: '127.0.0.1' });
    const holder = await pair(gateway);
    await expectNobody(
      askWith(gateway, certPair(holder)).set('X-Forwarded-For', '203.0.113.7'),
      'TLS handshake',
    );
    expect(await ignored(gateway)).toEqual([['address:127.0.0.1', ['x-forwarded-client-cert']]]);
  });

  it.each([
    ['127.0.0.0/8', 200],
    ['127.0.0.0/30', 200],
    ['126.0.0.0/7', 200],
    ['127.0.0.2/31', 401],
    ['::/1', 401],
    ['::1', 401],
    ['10.0.0.1,127.0.0.1', 200],
  ])('HI-P1: with the proxies %s: %d', async (list, status) => {
    const gateway = await startTestGateway({ EVERLEAF_GATEWAY_PROXIES: list });
    await askWith(gateway, certPair(await pair(gateway))).expect(status);
  });

  it('HI-P1: is one by its IPv4 address on a listener of both families', async () => {
    const gateway = await startTestGateway({
      ...trustsThisMachine,
      EVERLEAF_GATEWAY_LISTEN: '[::]:0',
    });
    const holder = await pair(gateway);
    await from('127.0.0.1', askWith(gateway, certPair(holder))).expect(200);
    await from('127.0.0.2', askWith(gateway, certPair(holder))).expect(401);
  });
});

describe('a pinned proxy', () => {
  it('HI-P1: is one with its certificate alone', async () => {
    const { own, settings } = await makeProxyPair(temporaryHome());
    const gateway = await startTestGateway(settings);
    const [app, other] = [await pair(gateway), await pair(gateway, 'other')];
    const forward = (by?: Holder) =>
      call(gateway, 'get', infoPath, by)
        .set('X-Forwarded-Client-Cert', certPair(app))
        .set('X-Forwarded-For', '203.0.113.7');
    const { body } = await forward(own).expect(200);
    expect(body.clientIdentity).toEqual({ application: 'app' });
    for (const wrong of [undefined, other, app])
      await expectNobody(forward(wrong), 'EVERLEAF_GATEWAY_PROXIES');
    await expectNobody(call(gateway, 'get', infoPath, app), 'EVERLEAF_GATEWAY_PROXIES');
    await expectNobody(call(gateway, 'get', infoPath, own), 'The proxy forwarded none');
    expect(await ignored(gateway)).toEqual([['address:127.0.0.1', ['x-forwarded-client-cert']]]);
  });

  it('HI-P1: may have two pins at a time, and no rule without one lets it off', async () => {
    const [first, second] = [temporaryHome(), temporaryHome()];
    const [old, next] = [await makeProxyPair(first), await makeProxyPair(second)];
    const list = ['127.0.0.0/8', ...[old, next].map(({ own }) => `127.0.0.1=${own.sha256}`)];
    const gateway = await startTestGateway({ EVERLEAF_GATEWAY_PROXIES: list.join() });
    const holder = await pair(gateway);
    const forward = (by?: Holder) =>
      call(gateway, 'get', infoPath, by).set('X-Forwarded-Client-Cert', certPair(holder));
    await forward(old.own).expect(200);
    await forward(next.own).expect(200);
    await forward(holder).expect(401);
    await forward().expect(401);
    await from('127.0.0.2', forward()).expect(200);
  });
});

describe("the client's address", () => {
  /** Whom the audit log names for requests that were refused for want of a certificate. */
  async function addressesSeen(
    gateway: TestGateway,
    values: readonly (string | readonly string[])[],
  ): Promise<unknown[]> {
    for (const value of values) {
      await call(gateway, 'get', infoPath)
        .set('X-Forwarded-For', value as string)
        .expect(401);
      gateway.clock.advance(60); // equal refusals within one minute share an audit event
    }
    const events = await eventsOf(gateway, 'request.refused');
    return events.map(({ detail }) => addressIn(detail));
  }

  it('HI-P1: is the last that the proxy names, and its own where that is none', async () => {
    const gateway = await startTestGateway(trustsThisMachine);
    const seen = await addressesSeen(gateway, [
      '203.0.113.7',
      '198.51.100.1, 203.0.113.7',
      ['198.51.100.1', '2001:db8::7'],
      '203.0.113.7, ',
      '203.0.113.7:4711',
      'unknown',
      '203.0.113.7, fe80::1%eth0',
      'x'.repeat(5_000),
    ]);
    const own = '127.0.0.1';
    expect(seen).toEqual(['203.0.113.7', '203.0.113.7', '2001:db8::7', own, own, own, own, own]);
  });

  it('HI-P1: is the second to last behind two proxies', async () => {
    const gateway = await startTestGateway({ ...trustsThisMachine, EVERLEAF_PROXY_HOPS: '2' });
    const values = ['192.0.2.1, 203.0.113.7, 198.51.100.1', '203.0.113.7'];
    expect(await addressesSeen(gateway, values)).toEqual(['203.0.113.7', '127.0.0.1']);
  });

  it('HI-P1: is its own for whoever is no proxy', async () => {
    const gateway = await startTestGateway({ EVERLEAF_GATEWAY_PROXIES: '127.0.0.2' });
    expect(await addressesSeen(gateway, ['203.0.113.7'])).toEqual(['127.0.0.1']);
  });

  it('HI-P1: is what audit events and log lines go by, and not the limit of a certificate', async () => {
    const gateway = await startTestGateway({ ...trustsThisMachine, EVERLEAF_RENEWAL_RATE: '1' });
    const holder = await pair(gateway);
    const asking = (): Test =>
      call(gateway, 'get', infoPath).set('X-Forwarded-For', '203.0.113.7').expect(401);
    for (let times = 0; times < 3; times += 1) await asking();
    await call(gateway, 'get', infoPath).set('X-Forwarded-For', '203.0.113.8').expect(401);
    const events = await eventsOf(gateway, 'request.refused');
    expect(events.map(({ actor, detail }) => [actor, addressIn(detail)])).toEqual([
      ['address:203.0.113.7', '203.0.113.7'],
      ['address:203.0.113.8', '203.0.113.8'],
    ]);
    await askWith(gateway, certPair(holder)).expect(200);
    await askWith(gateway, certPair(holder)).set('X-Forwarded-For', '203.0.113.9').expect(429);
    const logged = (): unknown[] =>
      gateway.logs.filter(({ message }) => message === 'request').map(({ address }) => address);
    // A line comes once the answer is out, which the client may see before.
    const expected = ['203.0.113.7', '203.0.113.8', '203.0.113.9', '127.0.0.1'];
    while (!expected.every((address) => logged().includes(address))) await setImmediate();
    expect(new Set(logged())).toEqual(new Set(expected));
  });
});
