import { expect, it } from '@jest/globals';
import { rotationStates } from '../../src/governance/rotation-policy.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { askForRotation, openGovernance } from '../support/governance.js';
import type { Governed } from '../support/governance.js';
import { addOrganization, addUser, callAsUser, expectRefusal, startOn } from '../support/people.js';
import type { TestUser } from '../support/people.js';
import { addAccess, approve } from '../support/rotations.js';

interface Listed {
  readonly message: string;
  readonly may: object;
  readonly [field: string]: unknown;
}

/** The requests of a list by their messages, and the way to the next page. */
async function messages({ as }: Governed, user: TestUser, path: string) {
  const { body } = await as(user, 'get', path).expect(200);
  const { rotations, next_cursor: next } = body as {
    rotations: Listed[];
    next_cursor: string | null;
  };
  return { rotations, messages: rotations.map(({ message }) => message), next };
}

/**
 * Ann, Ben and Cleo own `orders`, Ben and Cleo `100%_Billing`; of the one there are a declined, an approved and a
 * pending request of Ann's, of the other a pending one of Ben's.
 */
async function openLists(database: { readonly url: string }) {
  const governed = await openGovernance(await startOn(database));
  const { gateway, rotations, as, ann, ben, cleo } = governed;
  const billing = await addAccess(governed, '100%_Billing', [ben, cleo]);
  gateway.clock.advance(1);
  const declined = await askForRotation(governed, { message: 'first' });
  await rotations(ben, 'post', `${declined}/decline`, { reason: 'no' }).expect(200);
  gateway.clock.advance(1);
  await approve(governed, await askForRotation(governed, { message: 'second' }));
  const body = { message: 'third' };
  await as(ben, 'post', `/access/${billing.access}/rotations`, body).expect(200);
  gateway.clock.advance(1);
  const pending = await askForRotation(governed, { message: 'fourth' });
  return { governed, billing, pending, ann, ben, cleo };
}

describeOnEachDatabase('lists of requests', (fresh) => {
  it('show the groups of the caller, to admins all, newest first, and are narrowed down', async () => {
    const { governed, billing, ann, ben } = await openLists(await fresh());
    const { gateway, as, root, outsider, access, group } = governed;
    const list = async (user: TestUser, query = '') =>
      (await messages(governed, user, `/rotations${query}`)).messages;
    expect(await list(ann)).toEqual(['fourth', 'second', 'first']);
    const all = await list(ben);
    expect(all.toSorted()).toEqual(['first', 'fourth', 'second', 'third']);
    expect([all[0], all[3]]).toEqual(['fourth', 'first']);
    expect(await list(root)).toEqual(all);
    expect(await list(outsider)).toEqual([]);
    const narrowed: readonly (readonly [query: string, found: readonly string[]])[] = [
      ['state=pending', ['fourth', 'third']],
      ['state=declined,approved', ['second', 'first']],
      ['state=declined&state=approved', ['second', 'first']],
      ['state=lapsed', []],
      [`access_id=${billing.access}`, ['third']],
      [`access_id=${billing.access}&state=approved`, []],
      [`requester_user_id=${ben.id}`, ['third']],
      [`owner_user_group_id=${group}`, ['fourth', 'second', 'first']],
      ['access_name=bill', ['third']],
      ['access_name=100%25_', ['third']],
      ['access_name=%25', ['third']],
      ['access_name=_', ['third']],
      ['access_name=1%25g', []],
      ['access_name=!', []],
      ["access_name='", []],
      ['access_name=RDERS', ['fourth', 'second', 'first']],
      ['anything=else&limit=1000', all],
    ];
    for (const [query, found] of narrowed)
      expect({ query, found: await list(root, `?${query}`) }).toEqual({ query, found });

    for (const user of [ann, root]) {
      const path = `/access/${access}/rotations`;
      const shown = await messages(governed, user, `${path}?access_id=${billing.access}`);
      expect(shown.messages).toEqual(['fourth', 'second', 'first']);
    }
    const ofAccess = `/access/${billing.access}/rotations`;
    expectRefusal(await as(ann, 'get', ofAccess), 403, 'right-missing');
    expectRefusal(await as(outsider, 'get', ofAccess), 403, 'right-missing');
    expectRefusal(await as(root, 'get', '/access/acc0/rotations'), 404, 'resource-unknown');
    const stranger = await addUser(gateway, 'stranger@example.com');
    await addOrganization(gateway, { admins: [stranger] });
    for (const path of ['/rotations', '/approvals', ofAccess]) {
      expectRefusal(await as(stranger, 'get', path), 404, 'resource-unknown');
      const url = `/v1/organization/${governed.organization}/governance${path}`;
      const byNobody = await callAsUser(gateway, undefined, 'get', url);
      expectRefusal(byNobody, 401, 'user-token-missing');
    }

    const paged: string[] = [];
    for (let cursor: string | null = '', pages = 0; cursor !== null && pages < 9; pages += 1) {
      const query = cursor === '' ? '' : `&cursor=${cursor}`;
      const page = await messages(governed, root, `/rotations?limit=1${query}`);
      expect(page.rotations).toHaveLength(1);
      paged.push(...page.messages);
      cursor = page.next;
    }
    expect(paged).toEqual(all);

    const wrong: readonly (readonly [query: string, said: string])[] = [
      ['state=open', rotationStates.join(', ')],
      ['state=', rotationStates.join(', ')],
      ['state=pending,', rotationStates.join(', ')],
      ['state=pending&state=PENDING', rotationStates.join(', ')],
      ['access_id=%00', 'access_id'],
      ['access_id=a&access_id=b', 'access_id'],
      ['requester_user_id=', 'requester_user_id'],
      ["owner_user_group_id='", 'owner_user_group_id'],
      ['access_name=', 'access_name'],
      ['access_name=%00', 'access_name'],
      [`access_name=${'x'.repeat(65)}`, 'access_name'],
      ['limit=0', 'limit'],
      ['limit=1001', 'limit'],
      ['cursor=', 'cursor'],
      ['cursor=1.%00', 'cursor'],
      ['cursor=9999999999999.rot0', 'cursor'],
    ];
    for (const [query, said] of wrong) {
      const answer = await as(ann, 'get', `/rotations?${query}`);
      expectRefusal(answer, 400, 'field-invalid');
      expect(answer.body.message).toContain(said);
    }
  });

  it('say what the caller may do, and hold no digest; approvals wait for the caller', async () => {
    const { governed, billing, ann, ben, cleo } = await openLists(await fresh());
    const { gateway, root, outsider, group, access, setMembers } = governed;
    const approvals = async (user: TestUser) =>
      (await messages(governed, user, '/approvals')).messages;
    expect(await approvals(ann)).toEqual([]);
    expect(await approvals(ben)).toEqual(['fourth']);
    expect(await approvals(cleo)).toEqual(['fourth', 'third']);
    expect(await approvals(root)).toEqual([]);
    gateway.clock.advance(1);
    await setMembers('add_members', outsider);
    expect(await approvals(outsider)).toEqual([]);
    const narrowed = await messages(governed, cleo, `/approvals?access_id=${billing.access}`);
    expect(narrowed.messages).toEqual(['third']);

    const may = async (user: TestUser) =>
      (await messages(governed, user, `/access/${access}/rotations`)).rotations.map(
        (rotation) => rotation.may,
      );
    const nothing = { decide: false, delete: false, reveal: false };
    const decide = { ...nothing, decide: true };
    const forAnn = [{ ...nothing, delete: true }, { ...nothing, reveal: true }, nothing];
    expect(await may(ann)).toEqual(forAnn);
    expect(await may(ben)).toEqual([decide, nothing, nothing]);
    expect(await may(root)).toEqual([nothing, nothing, nothing]);
    expect(await may(outsider)).toEqual([nothing, nothing, nothing]);
    const [row] = (await messages(governed, ben, '/approvals')).rotations;
    expect(row).toEqual({
      ...row,
      access_name: 'orders',
      project_name: 'p1',
      service_name: 'kafka-1',
      username: 'orders',
      requester_email: 'ann@example.com',
      decided_by_email: null,
      owner_user_group: { user_group_id: group, user_group_name: 'owners' },
      may: decide,
    });
    expect(row).not.toHaveProperty('digest');
    expect(row).not.toHaveProperty('certificate');

    await setMembers('remove_members', ann);
    expect((await messages(governed, ann, '/rotations')).messages).toEqual([]);
    expect(await may(ben)).toEqual([decide, nothing, nothing]);
    gateway.clock.advance(14 * 86_400);
    expect(await approvals(cleo)).toEqual([]);
    expect(await may(ben)).toEqual([nothing, nothing, nothing]);
  });
});
