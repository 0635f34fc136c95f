import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { X509Certificate } from 'node:crypto';
import type { Test } from 'supertest';
import { call, callAdmin, pair, startTestGateway } from '../support/gateway.js';
import { subjectOf, temporaryHome } from '../support/gateway.js';
import type { Holder, TestGateway } from '../support/gateway.js';
import { makeOpensslAuthority, signOutside } from '../support/openssl-authority.js';
import { askWith, certPair, clientCertOf, infoPath, trustsThisMachine } from '../support/proxy.js';
import { rowCounts } from '../support/record.js';
import { refusals } from '../support/refusals.js';

const anything = '0'.repeat(64);

function askWithClientCert(gateway: TestGateway, value: string | readonly string[]): Test {
  return call(gateway, 'get', infoPath).set('Client-Cert', value as string);
}

async function expectMalformed(answering: Test, word: string): Promise<void> {
  const { body, headers } = await answering;
  expect(body).toEqual({
    code: 400,
    error: expect.stringContaining(word),
    reason: 'proxy-header-malformed',
    detail: 'This is for whoever runs the proxy in front of the gateway.',
    requestId: headers['x-request-id'],
  });
}

async function expectNamed(answering: Test, application: string): Promise<void> {
  const { body } = await answering.expect(200);
  expect(body.clientIdentity).toEqual({ application });
}

/** The ways in which a proxy may name a certificate. */
function elementsOf(holder: Holder): readonly string[] {
  const { sha256, certPem } = holder;
  const chain = encodeURIComponent(certPem + certPem);
  const subject = 'CN=app,OU=OrgUnit,O=Organization,L=Waldorf,ST=Waldorf,C=DE';
  return [
    certPair(holder),
    `Hash=${sha256}`,
    `hash=${sha256.toUpperCase()}`,
    `Hash=${sha256};${certPair(holder)}`,
    `Hash=${sha256};${certPair(holder)};Chain="${chain}"`,
    `Chain="${chain}"`,
    `By=spiffe://cluster.local/ns/edge/sa/envoy;Hash=${sha256};Subject="${subject}";URI=`,
    `Cert=${encodeURIComponent(certPem.trim())}`,
    `Cert="${encodeURIComponent(certPem.replaceAll('\n', '\r\n'))}"`,
  ];
}

describe('headers of a trusted proxy', () => {
  it('HI-P2: name the client, in each of their forms', async () => {
    const gateway = await startTestGateway(trustsThisMachine);
    const holder = await pair(gateway);
    for (const element of elementsOf(holder)) await expectNamed(askWith(gateway, element), 'app');
    const clientCert = clientCertOf(holder);
    await expectNamed(askWithClientCert(gateway, clientCert), 'app');
    await expectNamed(askWithClientCert(gateway, clientCert.replaceAll('=', '')), 'app');
    const other = clientCertOf(await pair(gateway, 'other'));
    await expectNamed(
      askWithClientCert(gateway, clientCert).set('Client-Cert-Chain', `${other}, ${other}`),
      'app',
    );
  });

  it('HI-P2: count by the last element, and by the second to last behind two proxies', async () => {
    const gateway = await startTestGateway(trustsThisMachine);
    const [app, other] = [await pair(gateway), await pair(gateway, 'other')];
    const [first, last] = [
      `By=a;Hash=${app.sha256}`,
      `By=b;Hash=${other.sha256};${certPair(other)}`,
    ];
    const forms = [`${first},${last}`, [first, last], [`x=y,${first} , ${last}`]];
    for (const form of forms) await expectNamed(askWith(gateway, form), 'other');
    const two = await gateway.restart({ EVERLEAF_PROXY_HOPS: '2' });
    for (const form of forms) await expectNamed(askWith(two, form), 'app');
    await expectMalformed(askWith(two, last), 'EVERLEAF_PROXY_HOPS is 2');
  });

  it('HI-P2: skip nothing: where the element that counts names nobody, that is the answer', async () => {
    const gateway = await startTestGateway(trustsThisMachine);
    const { sha256 } = await pair(gateway);
    await expectMalformed(askWith(gateway, `Hash=${sha256},By=a`), 'must have Cert or Hash');
    await expectMalformed(askWith(gateway, [`Hash=${sha256}`, '']), 'as Envoy writes it');
    const { body } = await askWith(gateway, `Hash=${sha256},Hash=${anything}`).expect(403);
    expect(body.reason).toBe('certificate-unknown');
  });

  it('HI-P2: are refused where they can be read in two ways', async () => {
    const gateway = await startTestGateway(trustsThisMachine);
    const [app, other] = [await pair(gateway), await pair(gateway, 'other')];
    const twoBlocks = encodeURIComponent(app.certPem + other.certPem);
    const wrapped = encodeURIComponent(`x\n${app.certPem}`);
    const labelled = encodeURIComponent(app.certPem.replaceAll('CERTIFICATE', 'PUBLIC KEY'));
    const notDer = Buffer.from('not a certificate').toString('base64');
    const wrong: readonly (readonly [string | readonly string[], string])[] = [
      ['', 'as Envoy writes it'],
      [`Hash=${app.sha256};Hash=${other.sha256}`, 'as Envoy writes it'],
      [[`Subject="`, `";Hash=${app.sha256}`], 'as Envoy writes it'],
      ['Subject="CN=app"', 'must have Cert or Hash'],
      [`Hash=${other.sha256};${certPair(app)}`, 'must name one certificate'],
      [
        `${certPair(app)};Chain="${encodeURIComponent(other.certPem)}"`,
        'must name one certificate',
      ],
      [`Hash=${app.sha256};Chain="${encodeURIComponent(other.certPem)}"`, 'must name one'],
      ['Hash=', 'SHA-256'],
      [`Hash=${app.sha256.slice(1)}`, 'SHA-256'],
      [`Hash=${app.sha256} 00`, 'SHA-256'],
      ['Cert=""', 'percent-encoded PEM'],
      [`Cert="${twoBlocks}"`, 'one certificate'],
      [`Cert="${wrapped}"`, 'percent-encoded PEM'],
      [`Cert="${labelled}"`, 'percent-encoded PEM'],
      [`Cert="${app.certPem.replaceAll('\n', '%0')}"`, 'percent-encoded PEM'],
      [`Cert="${clientCertOf(app)}"`, 'percent-encoded PEM'],
      [`Cert="-----BEGIN CERTIFICATE-----%0A${notDer}%0A-----END CERTIFICATE-----"`, 'in DER'],
      [`${certPair(app)};Chain="${wrapped}"`, 'percent-encoded PEM'],
    ];
    for (const [value, word] of wrong) await expectMalformed(askWith(gateway, value), word);
    const clientCert = clientCertOf(app);
    const wrongClientCerts: readonly (readonly [string | readonly string[], string])[] = [
      ['', 'byte sequence'],
      ['::', 'byte sequence'],
      [clientCert.slice(1), 'byte sequence'],
      [`${clientCert}, ${clientCert}`, 'byte sequence'],
      [[clientCert, clientCert], 'byte sequence'],
      [`${clientCert};a=1`, 'byte sequence'],
      [`:${notDer}:`, 'in DER'],
      [`:${Buffer.concat([rawOf(app), rawOf(other)]).toString('base64')}:`, 'in DER'],
    ];
    for (const [value, word] of wrongClientCerts)
      await expectMalformed(askWithClientCert(gateway, value), word);
  });

  it('HI-P2: are refused where both stand side by side, even if they agree', async () => {
    const gateway = await startTestGateway(trustsThisMachine);
    const holder = await pair(gateway);
    for (const element of [certPair(holder), ''])
      await expectMalformed(
        askWith(gateway, element).set('Client-Cert', clientCertOf(holder)),
        'let it send one',
      );
  });

  it('HI-P2: change nothing when refused, and stand in no log and no audit event', async () => {
    const gateway = await startTestGateway(trustsThisMachine);
    const holder = await pair(gateway);
    const before = await rowCounts(gateway);
    const answer = call(gateway, 'post', '/v1/applications/certificates/renewals')
      .set('X-Forwarded-Client-Cert', `Hash=${anything};${certPair(holder)};Subject="CN=canary"`)
      .send('{"csr":""}');
    await expectMalformed(answer, 'must name one certificate');
    expect(await rowCounts(gateway)).toEqual({
      ...before,
      audit_events: Number(before['audit_events']) + 1,
    });
    expect(await refusals(gateway)).toEqual([
      ['info', 'address:127.0.0.1', 'proxy-header-malformed'],
    ]);
    const events = await gateway.database.db.selectFrom('audit_events').selectAll().execute();
    const last = JSON.stringify([events.at(-1), gateway.logs]);
    for (const word of ['canary', anything, 'BEGIN', holder.sha256])
      expect(last).not.toContain(word);
  });

  it('HI-P2: are not looked at where no identity is asked for', async () => {
    const gateway = await startTestGateway(trustsThisMachine);
    await call(gateway, 'get', '/v1/api.yaml').set('X-Forwarded-Client-Cert', '"').expect(200);
    const { body } = await call(gateway, 'get', '/v1/applications/signingRequests/info?token=x')
      .set('Client-Cert', ':')
      .expect(403);
    expect(body.reason).toBe('token-unknown');
  });

  it('HI-P2: a cut or damaged one names nobody but the holder', async () => {
    const gateway = await startTestGateway(trustsThisMachine);
    const holder = await pair(gateway);
    const whole = `By=spiffe://edge;Hash=${holder.sha256};${certPair(holder)};Subject=""`;
    const expectRightOrRefused = async (value: string): Promise<void> => {
      const { status, body } = await askWith(gateway, value);
      if (status === 200) expect(body.clientIdentity).toEqual({ application: 'app' });
      else expect([400, 403]).toContain(status);
    };
    const place = fc.nat({ max: whole.length - 1 });
    const letter = fc.constantFrom('"', ',', ';', '=', '\\', '%', '0', 'a', 'A', '-');
    await fc.assert(
      fc.asyncProperty(place, letter, async (at, odd) => {
        await expectRightOrRefused(whole.slice(0, at));
        await expectRightOrRefused(whole.slice(0, at) + odd + whole.slice(at + 1));
        await expectRightOrRefused(whole.slice(0, at) + odd + whole.slice(at));
      }),
      { numRuns: 60 },
    );
    expect(gateway.logs.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('HI-P2: of an RSA-4096 certificate and a chain of four fit into the headers', async () => {
    const gateway = await startTestGateway({
      ...trustsThisMachine,
      EVERLEAF_CA_KEY_TYPE: 'rsa-4096',
    });
    const holder = await pair(gateway);
    const large = certPair({ certPem: gateway.ca });
    const chain = encodeURIComponent(holder.certPem + gateway.ca.repeat(4));
    const value = `Hash=${holder.sha256};${certPair(holder)};Chain="${chain}"`;
    expect(large.length).toBeLessThan(3_000);
    expect(chain.length).toBeLessThan(12_000);
    await expectNamed(askWith(gateway, value), 'app');
    const { body } = await askWith(gateway, `${value};By=${'x'.repeat(8_000)}`).expect(431);
    expect(body.reason).toBe('headers-too-large');
  });
});

describe('a certificate that a trusted proxy forwards', () => {
  it('HI-P3: is judged again on every request: expired, not yet valid, revoked', async () => {
    const gateway = await startTestGateway({
      ...trustsThisMachine,
      EVERLEAF_CLIENT_VALIDITY: '1h',
    });
    const [holder, revoked] = [await pair(gateway), await pair(gateway, 'revoked')];
    const expectReason = async (one: Holder, reason: string): Promise<void> => {
      for (const answering of [
        askWith(gateway, certPair(one)),
        askWith(gateway, `Hash=${one.sha256}`),
        askWithClientCert(gateway, clientCertOf(one)),
      ])
        expect((await answering.expect(403)).body.reason).toBe(reason);
    };
    await expectNamed(askWith(gateway, certPair(revoked)), 'revoked');
    await callAdmin(gateway, 'post', '/v1/applications/certificates/revocations')
      .send(JSON.stringify({ hash: revoked.sha256 }))
      .expect(201);
    await expectReason(revoked, 'certificate-revoked');
    await expectNamed(askWith(gateway, certPair(holder)), 'app');
    gateway.clock.advance(-1);
    await expectReason(holder, 'certificate-not-yet-valid');
    gateway.clock.advance(3602);
    await expectReason(holder, 'certificate-expired');
  });

  it('HI-P3: is refused where the authority signed it and the record does not know it', async () => {
    const folder = temporaryHome();
    const authority = await makeOpensslAuthority({ folder, name: 'ours' });
    const gateway = await startTestGateway({ ...trustsThisMachine, ...authority.settings });
    const outside = await signOutside({ folder, subject: subjectOf('app'), authority });
    const { body } = await askWith(gateway, certPair(outside)).expect(403);
    expect(body.reason).toBe('certificate-not-on-record');
    expect((await askWith(gateway, `Hash=${outside.sha256}`).expect(403)).body.reason).toBe(
      'certificate-unknown',
    );
    expect(await refusals(gateway)).toEqual([
      ['warning', 'address:127.0.0.1', 'certificate-not-on-record'],
      ['info', 'address:127.0.0.1', 'certificate-unknown'],
    ]);
  });

  it('HI-P3: is unknown where another gateway issued it', async () => {
    const gateway = await startTestGateway(trustsThisMachine);
    const stranger = await pair(await startTestGateway());
    for (const element of [certPair(stranger), `Hash=${stranger.sha256}`]) {
      const { body } = await askWith(gateway, element).expect(403);
      expect(body.reason).toBe('certificate-unknown');
    }
  });
});

function rawOf({ certPem }: Holder): Buffer {
  return new X509Certificate(certPem).raw;
}
