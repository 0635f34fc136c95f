import { afterEach, expect } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { Agent } from 'node:https';
import { setImmediate } from 'node:timers/promises';
import type { Selectable } from 'kysely';
import type { Response } from 'supertest';
import type { FailureKind } from '../../src/failure.js';
import type { Schema } from '../../src/storage/schema.js';
import { call, createToken, decodeAnswer, pair, startTestGateway } from '../support/gateway.js';
import type { Holder, TestGateway } from '../support/gateway.js';

/** The two routes that take a certification request, with somebody entitled to use each. */
export interface FrontDoor {
  readonly gateway: TestGateway;
  readonly holder: Holder;
  renew(body: string | Buffer): Promise<Response>;
  /** With one token that a refusal must leave good. */
  enrol(body: string | Buffer): Promise<Response>;
}

export interface ExpectedRefusal {
  readonly reason: FailureKind;
  /** The whole sentence, or what must be in it. */
  readonly error: string | RegExp;
  readonly status?: number;
  readonly level?: 'info' | 'warning';
}

const agents: Agent[] = [];

afterEach(() => {
  for (const agent of agents.splice(0)) agent.destroy();
});

/** A gateway with an application called `app` that holds a certificate and a fresh token. */
export async function openFrontDoor(
  settings: Readonly<Record<string, string>> = {},
): Promise<FrontDoor> {
  const gateway = await startTestGateway({ EVERLEAF_TOKEN_TTL: '1d', ...settings });
  const holder = await pair(gateway);
  const token = await createToken(gateway, 'app');
  const agent = new Agent({ keepAlive: true });
  agents.push(agent);
  const send = async (path: string, body: string | Buffer, by?: Holder): Promise<Response> =>
    await call(gateway, 'post', `/v1/applications/certificates${path}`, by)
      .agent(agent)
      .set('Content-Type', 'application/json')
      .serialize((sent) => sent as unknown as string) // as it is: no JSON is made of a Buffer
      .send(body);
  return {
    gateway,
    holder,
    renew: (body) => send('/renewals', body, holder),
    enrol: (body) => send(`?token=${token}`, body),
  };
}

/** `{"csr": ...}` of whatever bytes stand for the PEM text. */
export function bodyOf(pem: string | Uint8Array): string {
  return JSON.stringify({ csr: Buffer.from(pem).toString('base64') });
}

/**
 * Both routes refuse the body alike: a JSON answer in the dialect's shape, nothing but one audit event changed in the
 * record, and the token still good. Rules 1 to 3 of the hostile inputs.
 */
export async function expectRefusal(
  door: FrontDoor,
  body: string | Buffer,
  expected: ExpectedRefusal,
): Promise<void> {
  const sent = body.toString('latin1').slice(0, 160);
  for (const way of ['renew', 'enrol'] as const) {
    const route = `/v1/applications/certificates${way === 'renew' ? '/renewals' : ''}`;
    await expectRefusalOf(door, { sent, route, send: () => door[way](body) }, expected);
  }
}

/** The same for one route and one request; `sent` tells which one it was where it fails. */
export async function expectRefusalOf(
  { gateway }: FrontDoor,
  { sent, route, send }: { sent: string; route: string; send: () => Promise<Response> },
  { reason, error, status = 400, level = 'info' }: ExpectedRefusal,
): Promise<void> {
  gateway.clock.advance(60); // equal refusals within one minute share an audit event
  const before = await lastingRecordOf(gateway);
  const eventsBefore = await auditEventsOf(gateway);
  const answer = await send();
  const requestId = String(answer.headers['x-request-id']);
  expect({ sent, ...answer.body }).toEqual({
    sent,
    code: status,
    error: typeof error === 'string' ? error : expect.stringMatching(error),
    reason,
    requestId,
    ...('detail' in answer.body ? { detail: expect.stringMatching(/\w/) } : {}),
  });
  expect(answer.status).toBe(status);
  expect(requestId).toMatch(/^[0-9a-f]{24}$/);
  expect(answer.headers['content-type']).toBe('application/json;charset=UTF-8');
  expect(await lastingRecordOf(gateway)).toEqual(before);
  expect((await auditEventsOf(gateway)).slice(eventsBefore.length)).toEqual([
    expect.objectContaining({
      level,
      action: 'request.refused',
      actor: 'application:app',
      request_id: requestId,
      detail: JSON.stringify({ reason, route, address: '127.0.0.1' }),
    }),
  ]);
  expect(await linesAbout(gateway, requestId)).toEqual([
    expect.objectContaining({ level: 'info', message: 'request', status, reason, route }),
  ]);
}

/** What was logged about a request: the line comes once the answer is out, which the client may see before. */
async function linesAbout({ logs }: TestGateway, requestId: string): Promise<unknown[]> {
  const find = () => logs.filter((line) => line['requestId'] === requestId);
  for (let turn = 0; turn < 1000 && find().length === 0; turn++) await setImmediate();
  return find();
}

/** A renewal that is granted: its certificate in PEM, which is on record and bears the subject of the old one. */
export async function expectRenewal(door: FrontDoor, body: string | Buffer): Promise<string> {
  const answer = await door.renew(body);
  expect(answer.body).toEqual({
    crt: expect.any(String),
    clientCrt: expect.any(String),
    caCrt: expect.any(String),
  });
  expect(answer.status).toBe(201);
  const { clientCrt } = decodeAnswer(answer.body);
  const certificate = new X509Certificate(clientCrt);
  const row = await door.gateway.database.db
    .selectFrom('certificates')
    .selectAll()
    .where('der', '=', certificate.raw.toString('base64'))
    .executeTakeFirstOrThrow();
  expect(row.predecessor).toBe(door.holder.sha256);
  expect(certificate.subject).toBe(new X509Certificate(door.holder.certPem).subject);
  return clientCrt;
}

/** Every row that a refusal must leave alone. */
export async function lastingRecordOf({ database: { db } }: TestGateway): Promise<unknown> {
  const tables = ['certificates', 'public_keys', 'enrolment_tokens', 'settings'] as const;
  return await Promise.all(tables.map((table) => db.selectFrom(table).selectAll().execute()));
}

/** The audit log in its order. */
export async function auditEventsOf({
  database: { db },
}: TestGateway): Promise<Selectable<Schema['audit_events']>[]> {
  return await db.selectFrom('audit_events').selectAll().orderBy('id').execute();
}
