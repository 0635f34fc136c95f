import { describe, expect, it } from '@jest/globals';
import { call, callAdmin, pair, startTestGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { eventsOf, recordedCertificates, rowCounts } from '../support/record.js';
import { expectFailure, managementPath, revocationsPath } from './shape.js';

const revokeHash = (gateway: TestGateway, body: object | string) =>
  callAdmin(gateway, 'post', revocationsPath).send(body);

const prefix = 'Error while unmarshalling request body:';

describe('revocation by hash', () => {
  it.each([
    ['lower case', (hash: string) => ({ hash })],
    ['upper case', (hash: string) => ({ hash: hash.toUpperCase() })],
    [
      'the form of openssl',
      (hash: string) => ({ hash: hash.toUpperCase().match(/../g)?.join(':') }),
    ],
    ['another key case', (hash: string) => ({ Hash: hash })],
    ['keys that nobody knows', (hash: string) => ({ hash, tenant: 'x' })],
  ])('CS-5, CS-1.2: takes the SHA-256 in %s', async (_form, bodyOf) => {
    const gateway = await startTestGateway();
    const [holder, other] = [await pair(gateway), await pair(gateway, 'other')];
    await revokeHash(gateway, bodyOf(holder.sha256)).expect(201);
    expect((await call(gateway, 'get', managementPath, holder)).body).toMatchObject({
      code: 403,
      reason: 'certificate-revoked',
    });
    await call(gateway, 'get', managementPath, other).expect(200);
  });

  it('CS-5: again is 201 and changes nothing; the event names operator, holder and reason', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    const body = { hash: holder.sha256, reason: 'superseded' };
    const answer = await revokeHash(gateway, body).expect(201);
    gateway.clock.advance(60);
    await revokeHash(gateway, { ...body, reason: 'unspecified' }).expect(201);
    expect(await recordedCertificates(gateway)).toEqual([
      expect.objectContaining({
        revoked_at: gateway.clock.now() - 60,
        revocation_reason: 'superseded',
      }),
    ]);
    expect(await eventsOf(gateway, 'certificate.revoked')).toEqual([
      expect.objectContaining({
        actor: expect.stringMatching(/^operator:[0-9a-f]{12}$/),
        holder: 'app',
        certificate: holder.sha256,
        request_id: answer.headers['x-request-id'],
        detail: JSON.stringify({ reason: 'superseded', descendants: 0 }),
      }),
    ]);
  });

  it('CS-5: revokes an expired certificate as well', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    gateway.clock.advance(93 * 86_400);
    await revokeHash(gateway, { hash: holder.sha256 }).expect(201);
    const [row] = await recordedCertificates(gateway);
    expect(row?.revoked_at).toBe(gateway.clock.now());
  });

  it('CS-5: of a hash that nobody knows is 201, remembered and audited once', async () => {
    const gateway = await startTestGateway();
    const hash = 'ab'.repeat(32);
    await revokeHash(gateway, { hash: hash.toUpperCase() }).expect(201);
    await revokeHash(gateway, { hash }).expect(201);
    const denied = gateway.database.db.selectFrom('denied_certificates').selectAll();
    expect(await denied.execute()).toEqual([
      { sha256: hash, reason: 'unspecified', denied_at: gateway.clock.now() },
    ]);
    expect(await eventsOf(gateway, 'certificate.denied', 'certificate.revoked')).toEqual([
      expect.objectContaining({ action: 'certificate.denied', certificate: hash }),
    ]);
  });

  it.each([
    ['', 'json-malformed', `${prefix} it is empty.`],
    ['hash', 'json-malformed', `${prefix} it is not valid JSON.`],
    ['[]', 'json-malformed', `${prefix} it is not a JSON object.`],
    ['{}', 'field-invalid', `${prefix} certificate hash value not provided.`],
    ['null', 'field-invalid', `${prefix} certificate hash value not provided.`],
    ['{"hash":""}', 'field-invalid', `${prefix} certificate hash value not provided.`],
    ['{"hash":null}', 'field-invalid', `${prefix} certificate hash value not provided.`],
    ['{"hash":7}', 'field-invalid', `${prefix} hash must be a string.`],
    ['{"hash":["a"]}', 'field-invalid', `${prefix} hash must be a string.`],
    ['{"hash":"ABC"}', 'field-invalid', `${prefix} hash is not a SHA-256 in hex.`],
    ['{"hash":"zz zz"}', 'field-invalid', `${prefix} hash is not a SHA-256 in hex.`],
    [`{"hash":"${'ab'.repeat(20)}"}`, 'field-invalid', `${prefix} hash is not a SHA-256 in hex.`],
    [`{"hash":" ${'ab'.repeat(32)}"}`, 'field-invalid', `${prefix} hash is not a SHA-256 in hex.`],
  ] as const)('CS-1.7: refuses the body %s', async (body, reason, error) => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    const before = await rowCounts(gateway);
    const detail = error.includes('SHA-256') ? { detail: /fingerprint -sha256/ } : {};
    expectFailure(await revokeHash(gateway, body), { status: 400, reason, error, ...detail });
    await call(gateway, 'get', managementPath, holder).expect(200);
    const { audit_events: events } = await rowCounts(gateway);
    expect(events).toBe((before['audit_events'] ?? 0) + 1);
    const denied = gateway.database.db.selectFrom('denied_certificates').selectAll();
    expect(await denied.execute()).toEqual([]);
  });

  it('CS-5: refuses a reason that is none, and revokes nothing', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    const answer = await revokeHash(gateway, { hash: holder.sha256, reason: 'stolen' });
    expect(answer.body).toMatchObject({ code: 400, reason: 'field-invalid' });
    await call(gateway, 'get', managementPath, holder).expect(200);
  });
});
