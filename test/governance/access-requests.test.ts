import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Failure } from '../../src/failure.js';
import { cursorsOf, readAccessQuery } from '../../src/governance/access-list-requests.js';
import { readNewAccess } from '../../src/governance/governance-requests.js';
import { ordersAccess } from '../support/governance.js';

/** Reads, or gives the kind of its Failure; anything else is a fault. */
function outcomeOf(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (error instanceof Failure) return error.kind;
    throw error;
  }
}

const good = ordersAccess('ug1');
const bytesOf = (body: unknown) => Buffer.from(JSON.stringify(body));
const kindOf = (body: unknown) => outcomeOf(() => readNewAccess(bytesOf(body)));
const withData = (data: object) => ({ ...good, access_data: { ...good.access_data, ...data } });
const withAcl = (acl: object) => withData({ acls: [{ ...good.access_data.acls[0], ...acl }] });

const read = {
  name: 'orders',
  ownerGroupId: 'ug1',
  project: 'p1',
  service: 'kafka-1',
  username: 'orders',
  acls: [{ resourceName: 'orders.v1', operation: 'Read', host: '*' }],
};

describe('the body that creates an access', () => {
  it.each([
    ['as it should be', good, read],
    ['with an empty host, as clients in Go send it', withAcl({ host: '' }), read],
    ['with a host of null', withAcl({ host: null }), read],
    ['with keys that mean nothing here', withAcl({ pattern_type: 'LITERAL' }), read],
    ['without a username', withData({ username: undefined }), { ...read, username: undefined }],
    ['with an empty username', withData({ username: '' }), { ...read, username: undefined }],
    ['with a username of null', withData({ username: null }), { ...read, username: undefined }],
    [
      'with an address',
      withAcl({ host: '2001:db8::1' }),
      { ...read, acls: [{ ...read.acls[0], host: '2001:db8::1' }] },
    ],
  ])('is read %s', (_what, body, expected) => {
    expect(readNewAccess(bytesOf(body))).toEqual(expected);
  });

  it.each<[string, object, string]>([
    ['no access_name', { ...good, access_name: undefined }, 'field-invalid'],
    ['a number for a name', { ...good, access_name: 1 }, 'field-invalid'],
    ['an empty name', { ...good, access_name: '' }, 'name-invalid'],
    ['a name of two lines', { ...good, access_name: 'a\nb' }, 'name-invalid'],
    ['a name of 65 characters', { ...good, access_name: 'x'.repeat(65) }, 'name-invalid'],
    ['no access_type', { ...good, access_type: undefined }, 'field-invalid'],
    ['another access_type', { ...good, access_type: 'PG' }, 'field-invalid'],
    ['no group', { ...good, owner_user_group_id: undefined }, 'field-invalid'],
    ['a group of null', { ...good, owner_user_group_id: null }, 'field-invalid'],
    ['a number for a group', { ...good, owner_user_group_id: 1 }, 'field-invalid'],
    ['no access_data', { ...good, access_data: undefined }, 'field-invalid'],
    ['a list for access_data', { ...good, access_data: [] }, 'field-invalid'],
    ['no project', withData({ project_name: undefined }), 'field-invalid'],
    ['a NUL in the project', withData({ project_name: 'p\0' }), 'field-invalid'],
    ['no service', withData({ service_name: undefined }), 'field-invalid'],
    ['a NUL in the service', withData({ service_name: 'k\0' }), 'field-invalid'],
    ['a number for a username', withData({ username: 1 }), 'field-invalid'],
    ['a username with a comma', withData({ username: 'a,O=b' }), 'name-invalid'],
    ['a username with a line feed', withData({ username: 'a\nb' }), 'name-invalid'],
    ['the username of everybody', withData({ username: '*' }), 'field-invalid'],
    ['no acls', withData({ acls: undefined }), 'field-invalid'],
    ['an empty list of acls', withData({ acls: [] }), 'field-invalid'],
    ['an object for acls', withData({ acls: {} }), 'field-invalid'],
    ['no topic', withAcl({ resource_name: undefined }), 'field-invalid'],
    ['all topics', withAcl({ resource_name: '*' }), 'field-invalid'],
    ['a topic of two dots', withAcl({ resource_name: '..' }), 'field-invalid'],
    ['a topic with a command', withAcl({ resource_name: '$(id)' }), 'field-invalid'],
    ['a topic with a line feed', withAcl({ resource_name: 'a\n' }), 'field-invalid'],
    ['a topic of 250 letters', withAcl({ resource_name: 'x'.repeat(250) }), 'field-invalid'],
    ['a group as resource', withAcl({ resource_type: 'Group' }), 'field-invalid'],
    ['no resource_type', withAcl({ resource_type: undefined }), 'field-invalid'],
    ['an operation of its own', withAcl({ operation: 'All' }), 'field-invalid'],
    ['an operation in lower case', withAcl({ operation: 'read' }), 'field-invalid'],
    ['a denial', withAcl({ permission_type: 'DENY' }), 'field-invalid'],
    ['a host by name', withAcl({ host: 'kafka.example.com' }), 'field-invalid'],
    ['a number for a host', withAcl({ host: 1 }), 'field-invalid'],
    [
      'an entry twice',
      withData({ acls: [good.access_data.acls[0], { ...good.access_data.acls[0], host: '' }] }),
      'field-invalid',
    ],
  ])('is refused with %s', (_what, body, kind) => {
    expect(kindOf(body)).toBe(kind);
  });

  it('takes 500 entries and no more', () => {
    const acls = (count: number) =>
      Array.from({ length: count }, (_, index) => ({
        ...good.access_data.acls[0],
        resource_name: `t${String(index)}`,
      }));
    expect(kindOf(withData({ acls: acls(500) }))).toMatchObject({ name: 'orders' });
    expect(kindOf(withData({ acls: acls(501) }))).toBe('field-invalid');
  });

  it('cut at each byte, or with more behind it, is refused', () => {
    const text = JSON.stringify(good);
    for (let length = 0; length < text.length; length += 1)
      expect(outcomeOf(() => readNewAccess(Buffer.from(text.slice(0, length))))).toBe(
        'json-malformed',
      );
    for (const more of ['x', '{}', ',', '\0'])
      expect(outcomeOf(() => readNewAccess(Buffer.from(text + more)))).toBe('json-malformed');
    expect(outcomeOf(() => readNewAccess(Buffer.from(`{"access_name":"x",${text.slice(1)}`)))).toBe(
      'field-duplicate',
    );
  });

  it('of any bytes or JSON is read or refused', () => {
    const part = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom<unknown>('*', 'Read', 'Topic', 'ALLOW', 'KAFKA', '__proto__', ''),
    );
    const acl = fc.record(
      {
        resource_name: part,
        resource_type: part,
        operation: part,
        permission_type: part,
        host: part,
      },
      { requiredKeys: [] },
    );
    const data = fc.record(
      {
        project_name: fc.string(),
        service_name: fc.string(),
        username: fc.oneof(fc.string({ unit: 'binary' }), part),
        acls: fc.oneof(part, fc.array(fc.oneof(acl, fc.constant(good.access_data.acls[0])))),
      },
      { requiredKeys: [] },
    );
    const body = fc.record(
      {
        access_name: fc.string({ unit: 'binary' }),
        access_type: fc.constant('KAFKA'),
        owner_user_group_id: part,
        access_data: fc.oneof(part, data),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.json().map(Buffer.from), body.map(bytesOf)),
        (bytes) => {
          const outcome = outcomeOf(() => readNewAccess(bytes));
          if (typeof outcome === 'string') return;
          const { username, acls } = outcome as ReturnType<typeof readNewAccess>;
          if (username !== undefined) expect(username).not.toMatch(/^\*?$/);
          for (const { resourceName } of acls) expect(resourceName).toMatch(/^[\w.-]{1,249}$/);
        },
      ),
    );
  });
});

describe('the query of a list of accesses', () => {
  it.each([
    [{}, { limit: 25 }],
    [{ limit: '1' }, { limit: 1 }],
    [{ limit: '100' }, { limit: 100 }],
    [{ limit: '999' }, { limit: 100 }],
    [{ limit: '9'.repeat(400) }, { limit: 100 }],
    [{ resource_name: 'orders.v1' }, { topic: 'orders.v1' }],
    [{ owner_user_group_id: 'ug1' }, { ownerGroupId: 'ug1' }],
    [{ cursor: 'after' }, { position: { side: 'after', place: undefined } }],
    [{ cursor: 'before' }, { position: { side: 'before', place: undefined } }],
    [
      { cursor: 'before.12.acc3' },
      { position: { side: 'before', place: { createdAt: 12, id: 'acc3' } } },
    ],
    [{ nothing: 'known' }, { limit: 25 }],
  ])('W6: %j is read', (query, expected) => {
    expect(readAccessQuery(query)).toMatchObject(expected);
  });

  it.each<Parameters<typeof readAccessQuery>>([
    [{ limit: '0' }],
    [{ limit: '-1' }],
    [{ limit: '1.5' }],
    [{ limit: '' }],
    [{ limit: ['1', '2'] }],
    [{ resource_name: '' }],
    [{ resource_name: 'a\0' }],
    [{ resource_name: '*' }],
    [{ resource_name: { a: 'b' } }],
    [{ owner_user_group_id: 'UG1' }],
    [{ owner_user_group_id: 'a\0' }],
    [{ cursor: '' }],
    [{ cursor: 'first' }],
    [{ cursor: 'after.1' }],
    [{ cursor: 'after.x.acc1' }],
    [{ cursor: 'after.1.acc1.' }],
    [{ cursor: 'after.1234567890123.acc1' }],
    [{ cursor: ['after'] }],
  ])('%j is refused', (query) => {
    expect(outcomeOf(() => readAccessQuery(query))).toBe('field-invalid');
  });

  it('takes every cursor that an answer gives, and refuses it cut or extended, or reads another', () => {
    const place = fc.record({ createdAt: fc.nat(), id: fc.stringMatching(/^acc[0-9a-f]{16}$/) });
    fc.assert(
      fc.property(place, fc.nat({ max: 40 }), fc.string(), (at, length, more) => {
        const access = {
          ...at,
          organizationId: 'org1',
          name: 'orders',
          ownerGroupId: 'ug1',
          user: { id: 'su1', project: 'p1', service: 'kafka-1', username: 'orders' },
          acls: [],
          createdBy: 'u1',
        };
        const page = { accesses: [access], total: 3, hasEarlier: true, hasLater: true };
        for (const cursor of Object.values(cursorsOf(page) as Record<string, string>)) {
          expect(typeof outcomeOf(() => readAccessQuery({ cursor }))).toBe('object');
          outcomeOf(() => readAccessQuery({ cursor: cursor.slice(0, length) }));
          outcomeOf(() => readAccessQuery({ cursor: cursor + more }));
        }
      }),
    );
  });
});
