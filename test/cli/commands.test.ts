import { describe, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { enrol, managementPath } from '../connector/shape.js';
import { call, pair, startTestGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { eventsOf } from '../support/record.js';
import { callAs } from '../people/operator.js';
import { everleaf, everleafJson } from './everleaf.js';

type Answer = Readonly<Record<string, string | number | null>>;

const homeOf = ({ home }: TestGateway) => ({ EVERLEAF_HOME: home });

/** What people read, which must be free of errors. */
async function textOf(gateway: TestGateway, ...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await everleaf(homeOf(gateway), ...words);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

describe('everleaf token', () => {
  it('create makes a token that works at the running gateway, shown once and audited', async () => {
    const gateway = await startTestGateway();
    const text = await textOf(gateway, 'token', 'create', 'app', '--ttl', '30m');
    expect(text).toMatch(
      /^Token {4}\S{88}\nURL {6}https:\S+\nExpires {2}\S+ \S+Z\nCA {7}SHA-256 [0-9a-f]{64}\n\nThe token works once and is not shown again\.\n$/,
    );
    const token = /^Token +(\S+)/.exec(text)?.[1] ?? '';
    const lists = [
      await textOf(gateway, 'token', 'list'),
      JSON.stringify(await everleafJson(homeOf(gateway), 'token', 'list')),
    ];
    for (const list of lists) expect(list).not.toContain(token.slice(0, 12));
    expect(lists[0]).toMatch(/^\w{12} +application +app +pair +open /m);
    expect(await eventsOf(gateway, 'token.created')).toEqual([
      expect.objectContaining({ actor: expect.stringMatching(/^cli:/), holder: 'app' }),
    ]);
    expect((await enrol(gateway, token)).status).toBe(201);
    expect(await textOf(gateway, 'token', 'list')).toMatch(
      /^\w{12} +application +app +pair +used /m,
    );
  });

  it('create says that an application is paired already', async () => {
    const gateway = await startTestGateway();
    await pair(gateway);
    expect(await textOf(gateway, 'token', 'create', 'app')).toContain(
      'Note     app already holds a valid certificate',
    );
  });

  it('withdraw makes a token useless, once', async () => {
    const gateway = await startTestGateway();
    const { token } = await everleafJson<Answer>(homeOf(gateway), 'token', 'create', 'app');
    const [listed] = await everleafJson<Answer[]>(homeOf(gateway), 'token', 'list');
    expect(listed).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{12}$/),
      kind: 'application',
      application: 'app',
      tenant: null,
      group: null,
      purpose: 'pair',
      predecessor: null,
      state: 'open',
      createdAt: expect.stringMatching(time),
      createdBy: expect.stringMatching(/^cli:/),
      expiresAt: expect.stringMatching(time),
      usedAt: null,
      withdrawnAt: null,
    });
    const id = String(listed?.['id']);
    expect(await textOf(gateway, 'token', 'withdraw', id)).toBe(`Token ${id} is withdrawn.\n`);
    const refused = await enrol(gateway, String(token));
    expect(refused.body).toMatchObject({ code: 403, reason: 'token-unknown' });
    expect((await everleaf(homeOf(gateway), 'token', 'withdraw', id)).code).toBe(1);
    expect(await eventsOf(gateway, 'token.withdrawn')).toHaveLength(1);
  });
});

describe('everleaf certificate', () => {
  it('list and show tell what is on record, by hash, serial or openssl’s form', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    const list = await textOf(gateway, 'certificate', 'list', '--holder', 'app');
    expect(list.split('\n')).toEqual([
      expect.stringMatching(/^SHA-256 +KIND +HOLDER +STATE +NOT BEFORE +NOT AFTER$/),
      expect.stringMatching(
        new RegExp(`^${holder.sha256.slice(0, 16)}  application  app     valid  `),
      ),
      '',
    ]);
    const { serialNumber, fingerprint256 } = new X509Certificate(holder.certPem);
    for (const name of [holder.sha256.slice(0, 8), serialNumber, fingerprint256]) {
      const shown = await everleafJson<Answer>(homeOf(gateway), 'certificate', 'show', name);
      expect(shown).toMatchObject({
        sha256: holder.sha256,
        state: 'valid',
        notAfter: expect.stringMatching(time),
        revokedAt: null,
        pem: holder.certPem,
      });
    }
    const text = await textOf(gateway, 'certificate', 'show', holder.sha256);
    expect(text).toContain(`\nholder            app\n`);
    expect(text.endsWith(`\n\n${holder.certPem}`)).toBe(true);
  });

  it('list leaves expired ones out unless they are asked for', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    await gateway.database.db
      .updateTable('certificates')
      .set({ not_after: gateway.clock.now() - 60 })
      .where('sha256', '=', holder.sha256)
      .execute();
    const words = ['certificate', 'list', '--holder', 'app'] as const;
    expect(await everleafJson(homeOf(gateway), ...words)).toEqual([]);
    expect(await everleafJson(homeOf(gateway), ...words, '--expired')).toMatchObject([
      { sha256: holder.sha256, state: 'expired' },
    ]);
  });

  it('revoke counts at once at the running gateway; again says so; the event names who', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    const words = ['certificate', 'revoke', holder.sha256, '--reason', 'superseded'] as const;
    expect(await textOf(gateway, ...words)).toBe(`Revoked ${holder.sha256} of app.\n`);
    await call(gateway, 'get', managementPath, holder).expect(403);
    expect(await textOf(gateway, ...words)).toBe(
      `${holder.sha256} of app had been revoked before.\n`,
    );
    expect(await eventsOf(gateway, 'certificate.revoked')).toEqual([
      expect.objectContaining({
        actor: expect.stringMatching(/^cli:/),
        detail: JSON.stringify({ reason: 'superseded', descendants: 0 }),
      }),
    ]);
  });
});

describe('everleaf ca', () => {
  it('list and show tell of the authority, and never of its key', async () => {
    const gateway = await startTestGateway();
    const id = gateway.caSha256.slice(0, 16);
    expect(await textOf(gateway, 'ca', 'list')).toMatch(new RegExp(`^${id}  active  `, 'm'));
    const text = await textOf(gateway, 'ca', 'show');
    expect(text).toContain(`\n\n${gateway.ca}`);
    expect(text).not.toContain('PRIVATE');
    expect(await everleafJson(homeOf(gateway), 'ca', 'show', id)).toMatchObject({
      id,
      sha256: gateway.caSha256,
      pem: gateway.ca,
      notAfter: expect.stringMatching(time),
    });
  });
});

describe('everleaf access-token', () => {
  it('create, list and withdraw: shown once, good at once, gone at once', async () => {
    const gateway = await startTestGateway();
    const made = ['access-token', 'create', 'ci', '--role', 'auditor', '--ttl', '30d'] as const;
    const text = await textOf(gateway, ...made);
    expect(text).toMatch(/^ID {7}\w{12}\nName {5}ci\nRole {5}auditor\nToken {4}evl_\S{43}\n/);
    expect(text).toMatch(/\nExpires {2}\S+ \S+Z\n\nThe token is not shown again\.\n$/);
    const [, id = '', token = ''] = /ID +(\w+)[^]*Token +(\S+)/.exec(text) ?? [];
    await callAs(gateway, `Bearer ${token}`, 'get', '/metrics').expect(200);
    const list = await textOf(gateway, 'access-token', 'list');
    expect(list).toMatch(new RegExp(`^${id}  ci +auditor `, 'm'));
    expect(list).not.toContain(token.slice(4, 16));
    expect(await textOf(gateway, 'access-token', 'withdraw', id)).toBe(
      `Access token ${id} is withdrawn.\n`,
    );
    await callAs(gateway, `Bearer ${token}`, 'get', '/metrics').expect(401);
    const events = await eventsOf(gateway, 'access-token.created', 'access-token.withdrawn');
    expect(events.map(({ action, actor }) => [action, actor.split(':')[0]])).toEqual([
      ['access-token.created', 'gateway'],
      ['access-token.created', 'cli'],
      ['access-token.withdrawn', 'cli'],
    ]);
    expect(JSON.stringify(events)).not.toContain(token.slice(4, 16));
  });
});
