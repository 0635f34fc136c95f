import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { rotationPath } from '../support/ca-rotation.js';
import { startTestGateway } from '../support/gateway.js';
import { startMailServer } from '../support/mail-server.js';
import { addUser, callAsUser, expectRefusal } from '../support/people.js';
import { authoritiesOf, openService, servicePath } from '../support/services.js';
import { startReceiver, verified } from '../support/webhook-receiver.js';

const updatePath = `${servicePath}/trust_update`;

const badBodies = [
  ['post', rotationPath, {}],
  ['post', rotationPath, { step: 'Prepare' }],
  ['post', rotationPath, { step: ['prepare'] }],
  ['post', rotationPath, { step: 'toString' }],
  ['post', rotationPath, { step: 'prepare', force: 1 }],
  ['put', updatePath, {}],
  ['put', updatePath, { phase: 0 }],
  ['put', updatePath, { phase: 3 }],
  ['put', updatePath, { phase: '1' }],
  ['put', updatePath, { phase: true }],
] as const;

describe('the routes of a roll-over', () => {
  it('are for members, admins and those who may change services; outsiders learn nothing', async () => {
    const { gateway, addMember, asRoot } = await openService(await startTestGateway());
    const prepare = { step: 'prepare' };
    const outsider = await addUser(gateway, 'outsider@example.com');
    for (const [method, path, body] of [
      ['get', rotationPath, {}],
      ['post', rotationPath, prepare],
      ['put', updatePath, { phase: 1 }],
    ] as const) {
      const asked = await callAsUser(gateway, outsider, method, path).send(body);
      expectRefusal(asked, 404, 'project-unknown');
      const unnamed = await callAsUser(gateway, undefined, method, path).send(body);
      expectRefusal(unnamed, 401, 'user-token-missing');
    }
    for (const role of ['operator', 'developer', 'read_only'] as const) {
      const member = await addMember(role);
      await callAsUser(gateway, member, 'get', rotationPath).expect(200);
      const refused = await callAsUser(gateway, member, 'post', rotationPath).send(prepare);
      expectRefusal(refused, 403, 'right-missing');
      const report = await callAsUser(gateway, member, 'put', updatePath).send({ phase: 1 });
      if (role === 'operator') expectRefusal(report, 409, 'state-conflict');
      else expectRefusal(report, 403, 'right-missing');
    }
    const unknown = '/v1/project/p1/service/none/trust_update';
    await asRoot('post', rotationPath, prepare).expect(200);
    expectRefusal(await asRoot('put', unknown, { phase: 1 }), 404, 'resource-unknown');
    expect(await authoritiesOf(gateway, 'p1')).toHaveLength(2);
  });

  it('refuse a body that is no order, and judge any other one', async () => {
    const { gateway, asRoot } = await openService(await startTestGateway());
    for (const [method, path, body] of badBodies)
      expectRefusal(await asRoot(method, path, body), 400, 'field-invalid');
    const good = [
      ['post', rotationPath, '{"step":"activate","force":true}'],
      ['put', updatePath, '{"phase":1}'],
    ] as const;
    for (const [method, path, text] of good) {
      await fc.assert(
        fc.asyncProperty(fc.nat(text.length - 1), fc.string(), async (cut, tail) => {
          const test = asRoot(method, path).type('application/json');
          const answer = await test.send(text.slice(0, cut) + tail);
          expect([400, 409]).toContain(answer.status);
        }),
        { numRuns: 40 },
      );
    }
    expect(await authoritiesOf(gateway, 'p1')).toHaveLength(1);
  });

  it('SU-K1: have the next CA announced by mail and webhook, in words that say what to do', async () => {
    const mails = await startMailServer();
    const receiver = await startReceiver();
    const { asRoot, gateway } = await openService(
      await startTestGateway({
        EVERLEAF_SMTP_URL: mails.url,
        EVERLEAF_MAIL_FROM: 'everleaf@example.com',
        EVERLEAF_WEBHOOK_PRIVATE: 'on',
      }),
    );
    const { body } = await asRoot('post', '/v1/project/p1/webhooks', { url: receiver.url });
    await asRoot('post', rotationPath, { step: 'prepare' }).expect(200);
    await gateway.deliverAnnouncements();

    const next = (await authoritiesOf(gateway, 'p1')).find(({ state }) => state === 'prepared');
    const [mail] = mails.mails;
    expect(mail?.headers['subject']).toBe('p1: a new CA is published');
    for (const text of [mail?.text, mail?.html]) {
      expect(text).toContain('avn project ca-get --project p1 --target-filepath ca.pem');
      expect(text).toContain('everleaf service trust-updated p1 SERVICE --phase 1');
      expect(text).toContain(`${gateway.urls.admin}/projects/p1`);
      expect(text).toContain(`SHA-256 of the new CA: ${next?.id ?? ''}`);
    }
    const [post] = receiver.posts;
    if (!post) throw new Error('nothing came');
    expect(verified(post, body.webhook.secret)).toMatchObject({
      type: 'project.ca_prepared',
      data: {
        project: 'p1',
        ca_sha256: expect.stringMatching(`^${next?.id ?? ''}`),
        activation_time: null,
        console_url: `${gateway.urls.admin}/projects/p1`,
      },
    });
  });
});
