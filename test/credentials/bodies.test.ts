import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Response } from 'supertest';
import { describeOnEachDatabase } from '../support/databases.js';
import { startTestGateway } from '../support/gateway.js';
import { expectRefusal, openProject, startOn } from '../support/people.js';

const good = JSON.stringify({
  project: 'p2',
  cloud: 'räck',
  tech_emails: [{ email: 'ops@example.com' }],
  certificate_validity: '365d',
});

const badOrders = [
  ['', 'json-malformed'],
  ['null', 'json-malformed'],
  ['[]', 'json-malformed'],
  ['"p2"', 'json-malformed'],
  ['{"project":"p2"', 'json-malformed'],
  ['{"project":"p2"} x', 'json-malformed'],
  ['\ufeff{"project":"p2"}', 'json-malformed'],
  ['{"project":"p2","project":"p3"}', 'field-duplicate'],
  ['{}', 'field-invalid'],
  ['{"project":null}', 'field-invalid'],
  ['{"project":["p2"]}', 'field-invalid'],
  ['{"project":"P2"}', 'name-invalid'],
  ['{"project":"2p"}', 'name-invalid'],
  ['{"project":"p2\\u0000"}', 'name-invalid'],
  ['{"project":"p2\\n"}', 'name-invalid'],
  [`{"project":"p${'x'.repeat(63)}"}`, 'name-invalid'],
  ['{"project":"p2","cloud":"\\u0000"}', 'field-invalid'],
  ['{"project":"p2","cloud":"\\ud800"}', 'field-invalid'],
  ['{"project":"p2","cloud":7}', 'field-invalid'],
  ['{"project":"p2","tech_emails":["ops@example.com"]}', 'field-invalid'],
  ['{"project":"p2","tech_emails":[{"email":"ops"}]}', 'field-invalid'],
  ['{"project":"p2","tech_emails":{}}', 'field-invalid'],
  ['{"project":"p2","certificate_validity":"0d"}', 'field-invalid'],
] as const;

const badMembers = [
  ['post', '/v1/project/p1/invite', {}],
  ['post', '/v1/project/p1/invite', { user_email: 'nobody' }],
  ['post', '/v1/project/p1/invite', { user_email: `x@${'y'.repeat(300)}` }],
  ['post', '/v1/project/p1/invite', { user_email: 'x\r\nBcc: y@example.com' }],
  ['post', '/v1/project/p1/invite', { user_email: 'x@example.com', member_type: 'king' }],
  ['post', '/v1/project/p1/invite', { user_email: 'x@example.com', member_type: 'toString' }],
  ['put', '/v1/project/p1/user/root%40example.com', {}],
  ['put', '/v1/project/p1/user/root%40example.com', { member_type: null }],
] as const;

/** Granted, or refused in the dialect's form for what is wrong with the request. */
function expectJudged(answer: Response): void {
  if (answer.status === 200) return;
  expectRefusal(answer, answer.status, answer.body.errors[0].error_code);
  expect([400, 409]).toContain(answer.status);
}

describe('a body', () => {
  it('that is no good order is refused', async () => {
    const { asRoot } = await openProject(await startTestGateway());
    for (const [body, reason] of badOrders) {
      const refused = await asRoot('post', '/v1/project').type('application/json').send(body);
      expectRefusal(refused, 400, reason);
    }
    expect((await asRoot('get', '/v1/project')).body.projects).toHaveLength(1);
  });

  it('that names no member or no role is refused', async () => {
    const { asRoot } = await openProject(await startTestGateway());
    for (const [method, path, body] of badMembers)
      expectRefusal(await asRoot(method, path, body), 400, 'field-invalid');
    const { body } = await asRoot('get', '/v1/project/p1/users');
    expect(body).toMatchObject({ users: [{ member_type: 'admin' }], invitations: [] });
  });

  it('that is cut at each byte or with a bit flipped is judged, never a fault', async () => {
    const { asRoot } = await openProject(await startTestGateway());
    const bytes = Buffer.from(good);
    const post = (body: Buffer) =>
      asRoot('post', '/v1/project')
        .type('application/json')
        .serialize((sent) => sent as unknown as string) // as it is: no JSON is made of a Buffer
        .send(body);
    for (let length = 0; length < bytes.length; length += 1)
      expectRefusal(await post(bytes.subarray(0, length)), 400, 'json-malformed');
    for (let at = 0; at < bytes.length; at += 1) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      expectJudged(await post(flipped));
    }
  });

  it('takes names at their longest and keys that mean nothing here', async () => {
    const { asRoot } = await openProject(await startTestGateway());
    const project = `p${'-'.repeat(61)}0`;
    const order = { project, copy_from_project: 'p1', __proto__: 1, constructor: {} };
    await asRoot('post', '/v1/project', order).expect(200);
    await asRoot('get', `/v1/project/${project}`).expect(200);
  });
});

describeOnEachDatabase('any body', (fresh) => {
  it('of any value in any field is judged, never a fault', async () => {
    const { asRoot } = await openProject(await startOn(await fresh()));
    const value = fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }));
    const field = fc.constantFrom('cloud', 'tech_emails', 'renew_before', 'account_id');
    await fc.assert(
      fc.asyncProperty(field, value, async (name, content) => {
        expectJudged(await asRoot('put', '/v1/project/p1', { [name]: content }));
      }),
      { numRuns: 40 },
    );
  });

  it('and any name in a path is judged, never a fault', async () => {
    const { asRoot } = await openProject(await startOn(await fresh()));
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(name, async (text) => {
        // A client takes `.` and `..` out of the path before it sends it.
        fc.pre(!/^\.{1,2}$/.test(text));
        const segment = encodeURIComponent(text);
        for (const path of [
          `/v1/project/${segment}`,
          `/v1/project/p1/user/${segment}`,
          `/v1/project/p1/invite/${segment}`,
          `/v1/organization/${segment}/user-groups/${segment}`,
        ]) {
          const { status } = await asRoot('delete', path);
          expect([400, 404]).toContain(status);
        }
      }),
      { numRuns: 25 },
    );
  });
});
