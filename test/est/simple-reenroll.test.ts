import { describe, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import type { Test } from 'supertest';
import {
  certificatesIn,
  estPath,
  expectEstRefusal,
  pkcs10,
  simpleReenroll,
} from '../support/est.js';
import { call, holderFrom, pair, renew, startTestGateway, subjectOf } from '../support/gateway.js';
import type { Holder } from '../support/gateway.js';
import { eventsOf, successorsOf } from '../support/record.js';
import { refusals } from '../support/refusals.js';
import { makeKey } from '../support/requests.js';
import { unsealServerPair } from '../support/unsealed.js';

const wayBack = 'Ask the operator of the gateway for a new token and pair again.';
const day = 86_400;

/** The renewed certificate as PEM. */
async function renewedBy(asked: Test): Promise<string> {
  const [certificate = '', ...more] = await certificatesIn((await asked.expect(200)).text);
  expect(more).toEqual([]);
  return certificate;
}

function requestWith(holder: Holder, input: Partial<Parameters<typeof pkcs10>[0]> = {}): string {
  return pkcs10({ key: holder.key, subject: subjectOf(holder.application), ...input });
}

describe('simplereenroll', () => {
  it('leaves the same record and the same event as a renewal by JSON', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    await simpleReenroll(gateway, holder, requestWith(holder, { key: makeKey('ed25519') })).expect(
      200,
    );
    await renew(gateway, holder, { key: makeKey('ed25519') }).expect(201);

    const same = [
      ...['kind', 'holder', 'subject', 'authority_id', 'not_before', 'not_after'],
      ...['predecessor', 'line', 'replay_until'],
    ] as const;
    const rows = await successorsOf(gateway, holder.sha256);
    const [byEst, byJson] = rows.map((row) =>
      same.map((name) => Reflect.get(row, name) as unknown),
    );
    expect(rows).toHaveLength(2);
    expect(byEst).toEqual(byJson);
    const events = await eventsOf(gateway, 'certificate.renewed');
    expect(
      events.map(({ level, actor, holder: of, detail }) => ({
        level,
        actor,
        of,
        detail: JSON.parse(detail) as unknown,
      })),
    ).toEqual(
      Array(2).fill({
        level: 'info',
        actor: 'application:app',
        of: 'app',
        detail: { predecessor: holder.sha256, ignored: [] },
      }),
    );
  });

  it('HI-H9: gives the same request the same certificate, by EST and by JSON', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    // Ed25519 signs alike each time, so both ways carry the same request.
    const key = makeKey('ed25519');
    const body = requestWith(holder, { key });
    const first = await renewedBy(simpleReenroll(gateway, holder, body));
    expect(await renewedBy(simpleReenroll(gateway, holder, body))).toBe(first);
    const byJson = holderFrom((await renew(gateway, holder, { key }).expect(201)).body, holder);
    expect(new X509Certificate(byJson.certPem).raw).toEqual(new X509Certificate(first).raw);
    expect(await successorsOf(gateway, holder.sha256)).toHaveLength(1);
    expect(await eventsOf(gateway, 'certificate.renewed')).toHaveLength(1);
  });

  it('HI-R1: gives 20 equal requests at once one certificate', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    const body = requestWith(holder);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => simpleReenroll(gateway, holder, body).expect(200)),
    );
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(await successorsOf(gateway, holder.sha256)).toHaveLength(1);
  });

  it('HI-K5: refuses the same key under EVERLEAF_KEY_REUSE=refuse, and takes a new one', async () => {
    const gateway = await startTestGateway({ EVERLEAF_KEY_REUSE: 'refuse' });
    const holder = await pair(gateway);
    expectEstRefusal(await simpleReenroll(gateway, holder), { status: 400, lines: [/key/, /key/] });
    const body = requestWith(holder, { key: makeKey('prime256v1') });
    await simpleReenroll(gateway, holder, body).expect(200);
  });

  it('HI-H8: is limited by certificate and says when to come back', async () => {
    const gateway = await startTestGateway({ EVERLEAF_RENEWAL_RATE: '2' });
    const [holder, other] = [await pair(gateway), await pair(gateway, 'other')];
    await simpleReenroll(gateway, holder).expect(200);
    await simpleReenroll(gateway, holder).expect(200);
    const answer = await simpleReenroll(gateway, holder);
    expectEstRefusal(answer, { status: 429, lines: [/^Too many requests: try again in \d+/] });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    await simpleReenroll(gateway, other).expect(200);
  });
});

describe('the certificate that simplereenroll asks for', () => {
  it('HI-C1: none is 401 and says how to present one; HTTP Basic does not stand in', async () => {
    const gateway = await startTestGateway();
    const answer = await call(gateway, 'post', `${estPath}/simplereenroll`)
      .auth('app', 'token')
      .set('Content-Type', 'application/pkcs10')
      .send(pkcs10({ key: makeKey('prime256v1') }));
    expectEstRefusal(answer, {
      status: 401,
      lines: [
        'A client certificate is required.',
        'Present it in the TLS handshake: curl --cert FILE --key FILE.',
      ],
    });
    expect(answer.headers['connection']).toBe('close');
  });

  it('HI-C2: is refused one second after its end, and before its beginning', async () => {
    const gateway = await startTestGateway({ EVERLEAF_CLIENT_VALIDITY: '10d' });
    const holder = await pair(gateway);
    gateway.clock.advance(-1);
    expectEstRefusal(await simpleReenroll(gateway, holder), {
      status: 403,
      lines: [/^The certificate is not valid before/, /clocks/],
    });
    gateway.clock.advance(10 * day + 2);
    expectEstRefusal(await simpleReenroll(gateway, holder), {
      status: 403,
      lines: [/^The certificate expired on/, / --recover [0-9a-f]{16}$/],
    });
    expect(await successorsOf(gateway, holder.sha256)).toEqual([]);
  });

  it('HI-C6: is refused once it is revoked', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    await call(gateway, 'post', '/v1/applications/certificates/revocations', holder).expect(201);
    expectEstRefusal(await simpleReenroll(gateway, holder), {
      status: 403,
      lines: ['Certificate has been revoked.', wayBack],
    });
  });

  it('HI-C5, HI-C8: is refused from another gateway, and where it is a server', async () => {
    const gateway = await startTestGateway();
    const stranger = await pair(await startTestGateway());
    expectEstRefusal(await simpleReenroll(gateway, stranger), {
      status: 403,
      lines: ['The client certificate was not issued by this gateway.', wayBack],
    });
    const server = { ...stranger, ...(await unsealServerPair(gateway)) };
    expectEstRefusal(await simpleReenroll(gateway, server), {
      status: 403,
      lines: ['A server certificate is not accepted here.'],
    });
    expect(await refusals(gateway)).toContainEqual([
      'warning',
      'server:localhost',
      'certificate-wrong-kind',
    ]);
  });
});
