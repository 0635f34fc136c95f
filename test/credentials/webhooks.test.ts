import { describe, expect, it } from '@jest/globals';
import { describeOnEachDatabase } from '../support/databases.js';
import { startTestGateway } from '../support/gateway.js';
import { addUser, callAsUser, expectRefusal, openProject, startOn } from '../support/people.js';
import { eventsOf } from '../support/record.js';

const path = '/v1/project/p1/webhooks';
const url = 'https://hooks.example.com/in?token=RECEIVERS-SECRET';

describeOnEachDatabase('webhooks of a project', (fresh) => {
  it('are added with a secret that is shown once, listed and removed', async () => {
    const { gateway, asRoot } = await openProject(await startOn(await fresh()));
    const { body: added } = await asRoot('post', path, { url }).expect(200);
    const { secret, ...shown } = added.webhook;
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(shown).toEqual({
      webhook_id: expect.stringMatching(/^wh[0-9a-f]{16}$/),
      url,
      create_time: expect.stringMatching(/Z$/),
      created_by: 'root@example.com',
    });
    expect((await asRoot('get', path).expect(200)).body).toEqual({ webhooks: [shown] });
    const rows = await gateway.database.db.selectFrom('webhooks').selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(String(secret).slice('whsec_'.length));
    await asRoot('delete', `${path}/${String(shown.webhook_id)}`).expect(200, {});
    expect((await asRoot('get', path).expect(200)).body).toEqual({ webhooks: [] });
    const again = await asRoot('delete', `${path}/${String(shown.webhook_id)}`);
    expectRefusal(again, 404, 'resource-unknown');
    expectRefusal(await asRoot('delete', `${path}/%00`), 404, 'resource-unknown');
    const events = await eventsOf(gateway, 'project.webhook-added', 'project.webhook-removed');
    expect(events).toMatchObject([
      { actor: 'user:root@example.com', project: 'p1' },
      { actor: 'user:root@example.com', project: 'p1' },
    ]);
    const detail = { id: shown.webhook_id, host: 'hooks.example.com' };
    expect(JSON.parse(events[0]?.detail ?? '')).toEqual(detail);
    const { body } = await asRoot('get', '/v1/project/p1/events').expect(200);
    expect(body.events).toContainEqual(
      expect.objectContaining({ event_desc: 'A webhook to hooks.example.com was added.' }),
    );
  });

  it('are ten at most, whatever is added at once', async () => {
    const { asRoot } = await openProject(await startOn(await fresh()));
    const answers = await Promise.all(
      Array.from({ length: 14 }, () => asRoot('post', path, { url })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([
      ...Array<number>(10).fill(200),
      ...Array<number>(4).fill(409),
    ]);
    expectRefusal(await asRoot('post', path, { url }), 409, 'state-conflict');
  });

  it('are removed once by many who do so at once', async () => {
    const { asRoot } = await openProject(await startOn(await fresh()));
    const { body } = await asRoot('post', path, { url }).expect(200);
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => asRoot('delete', `${path}/${body.webhook.webhook_id}`)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([
      200,
      ...Array<number>(7).fill(404),
    ]);
  });

  it('go with their project', async () => {
    const { gateway, asRoot } = await openProject(await startOn(await fresh()));
    await asRoot('post', path, { url }).expect(200);
    await asRoot('delete', '/v1/project/p1').expect(200);
    expect(await gateway.database.db.selectFrom('webhooks').selectAll().execute()).toEqual([]);
  });
});

describe('webhooks of a project', () => {
  it('SU-A4: are the business of admins, and hidden from outsiders', async () => {
    const { gateway, asRoot, addMember } = await openProject(await startTestGateway());
    const { body } = await asRoot('post', path, { url }).expect(200);
    const one = `${path}/${String(body.webhook.webhook_id)}`;
    for (const role of ['operator', 'developer', 'read_only'] as const) {
      const member = await addMember(role);
      expectRefusal(await callAsUser(gateway, member, 'get', path), 403, 'right-missing');
      const post = callAsUser(gateway, member, 'post', path).send({ url });
      expectRefusal(await post, 403, 'right-missing');
      expectRefusal(await callAsUser(gateway, member, 'delete', one), 403, 'right-missing');
    }
    const admin = await addMember('admin');
    await callAsUser(gateway, admin, 'get', path).expect(200);
    const outsider = await addUser(gateway, 'outsider@example.com');
    expectRefusal(await callAsUser(gateway, outsider, 'get', path), 404, 'project-unknown');
    expectRefusal(await callAsUser(gateway, outsider, 'delete', one), 404, 'project-unknown');
    expectRefusal(await callAsUser(gateway, undefined, 'get', path), 401, 'user-token-missing');
    expect((await asRoot('get', path)).body.webhooks).toHaveLength(1);
  });

  it('are not removed through another project', async () => {
    const { asRoot } = await openProject(await startTestGateway());
    await asRoot('post', '/v1/project', { project: 'p2' }).expect(200);
    const { body } = await asRoot('post', path, { url }).expect(200);
    const through = await asRoot('delete', `/v1/project/p2/webhooks/${body.webhook.webhook_id}`);
    expectRefusal(through, 404, 'resource-unknown');
  });

  it.each([
    [{}, 'url has to be a string'],
    [{ url: 5 }, 'url has to be a string'],
    [{ url: 'hooks' }, 'url has to be a URL such as https://hooks.example.com/everleaf'],
    [{ url: 'http://hooks.example.com/' }, 'EVERLEAF_WEBHOOK_PRIVATE=on'],
    [{ url: 'https://127.0.0.1/' }, 'EVERLEAF_WEBHOOK_PRIVATE=on'],
    [{ url: 'https://u:SECRET@hooks.example.com/' }, 'holds no user and password'],
  ])('are refused where the URL is wrong: %j', async (body, words) => {
    const { asRoot } = await openProject(await startTestGateway());
    const refused = await asRoot('post', path, body);
    expectRefusal(refused, 400, 'field-invalid');
    expect(refused.body.message).toContain(words);
    expect(refused.body.message).not.toContain('SECRET');
    expect((await asRoot('get', path)).body.webhooks).toEqual([]);
  });
});
