import { expect, it } from '@jest/globals';
import { describeOnEachDatabase } from '../support/databases.js';
import { approvedRotation, openGovernance, ordersAccess } from '../support/governance.js';
import type { Governed } from '../support/governance.js';
import { addOrganization, addUser, callAsUser, expectRefusal, startOn } from '../support/people.js';

interface Page {
  readonly access: readonly { readonly access_id: string; readonly access_name: string }[];
  readonly first: string | null;
  readonly last: string | null;
  readonly next: string | null;
  readonly prev: string | null;
  readonly total_count: number;
}

const many = 1000;
/** Of so many, in their order, every tenth is about the topic `tenth`. */
const idOf = (index: number) => `acc${String(index).padStart(16, '0')}`;
const namesOf = ({ access }: Page) => access.map(({ access_name }) => access_name);
const numbered = (from: number, to: number, step = 1) =>
  Array.from({ length: (to - from) / step }, (_, index) => `a${String(from + index * step)}`);

/** Puts accesses on record beside the one of the house, three of them in each second, before it. */
async function putMany({ gateway, organization, group, root }: Governed, other: string) {
  const { db } = gateway.database;
  const begin = gateway.clock.now() - many;
  const rows = Array.from({ length: many }, (_, index) => ({
    id: idOf(index),
    organization_id: organization,
    name: `a${String(index)}`,
    type: 'KAFKA' as const,
    owner_group_id: index % 2 === 0 ? group : other,
    service_user_id: `su${String(index)}`,
    project: 'p1',
    service: 'kafka-1',
    username: `u${String(index)}`,
    acls: '[]',
    created_by: root.id,
    created_at: begin + Math.floor(index / 3),
  }));
  const topics = rows.flatMap(({ id: access_id }, index) => [
    { topic: 'every', access_id },
    ...(index % 10 === 0 ? [{ topic: 'tenth', access_id }] : []),
  ]);
  for (let from = 0; from < many; from += 500)
    await db
      .insertInto('accesses')
      .values(rows.slice(from, from + 500))
      .execute();
  for (let from = 0; from < topics.length; from += 500)
    await db
      .insertInto('access_topics')
      .values(topics.slice(from, from + 500))
      .execute();
}

async function openMany(governed: Governed) {
  const { gateway, organization, root, as, outsider } = governed;
  const made = await callAsUser(
    gateway,
    root,
    'post',
    `/v1/organization/${organization}/user-groups`,
  )
    .send({ user_group_name: 'others' })
    .expect(200);
  const other = String(made.body.user_group_id);
  await putMany(governed, other);
  const list = async (query = ''): Promise<Page> =>
    (await as(outsider, 'get', `/access${query}`).expect(200)).body as Page;
  return { other, list };
}

describeOnEachDatabase('the list of accesses', (fresh) => {
  it('goes both ways through 1,000 of them by cursors, whatever the limit, and by topic and group', async () => {
    const governed = await openGovernance(await startOn(await fresh()));
    const { group } = governed;
    const { other, list } = await openMany(governed);

    const first = await list();
    expect({ ...first, access: namesOf(first) }).toEqual({
      access: numbered(0, 25),
      first: 'after',
      last: 'before',
      next: expect.stringContaining(idOf(24)),
      prev: null,
      total_count: many + 1,
    });
    const forwards: string[] = [];
    let page = await list('?limit=999');
    for (forwards.push(...namesOf(page)); page.next !== null; forwards.push(...namesOf(page)))
      page = await list(`?limit=999&cursor=${page.next}`);
    expect(forwards).toEqual([...numbered(0, many), 'orders']);

    const backwards: string[] = [];
    page = await list(`?limit=70&cursor=${String(first.last)}`);
    expect(page.next).toBeNull();
    for (backwards.unshift(...namesOf(page)); page.prev !== null;)
      backwards.unshift(...namesOf((page = await list(`?limit=70&cursor=${page.prev}`))));
    expect(backwards).toEqual(forwards);

    const tenth = await list('?resource_name=tenth&limit=60');
    expect([namesOf(tenth), tenth.total_count]).toEqual([numbered(0, 600, 10), 100]);
    const rest = await list(`?resource_name=tenth&limit=60&cursor=${String(tenth.next)}`);
    expect([namesOf(rest), rest.next]).toEqual([numbered(600, many, 10), null]);
    expect((await list(`?resource_name=tenth&owner_user_group_id=${other}`)).total_count).toBe(0);
    const owned = await list(`?owner_user_group_id=${group}&limit=1&cursor=before`);
    expect([namesOf(owned), owned.total_count]).toEqual([['orders'], many / 2 + 1]);
    expect(namesOf(await list('?resource_name=orders.v1'))).toEqual(['orders']);
    const none = { access: [], first: null, last: null, next: null, prev: null, total_count: 0 };
    for (const query of ['resource_name=tent', 'resource_name=orders', 'owner_user_group_id=ug0'])
      expect(await list(`?${query}`)).toEqual(none);

    const beyond = await list('?cursor=after.999999999999.acc0');
    expect({ ...beyond, access: beyond.access.length }).toMatchObject({
      access: 0,
      next: null,
      prev: 'before',
    });
    expect(await list('?cursor=before.0.acc0')).toMatchObject({ next: 'after', prev: null });
  });

  it('is for members of the organisation, of its own accesses, with what becomes of their credentials', async () => {
    const governed = await openGovernance(await startOn(await fresh()));
    const { gateway, as, root, ann, outsider, access, group } = governed;
    const stranger = await addUser(gateway, 'stranger@example.com');
    const foreign = await addOrganization(gateway, { admins: [stranger], members: [ann] });
    const shown = async (): Promise<unknown> =>
      (await as(outsider, 'get', '/access').expect(200)).body.access[0];
    const described = {
      ...ordersAccess(group),
      access_id: access,
      access_data: {
        ...ordersAccess(group).access_data,
        acls: [
          {
            ...ordersAccess(group).access_data.acls[0],
            id: expect.stringMatching(/^acl[0-9a-f]{16}$/),
            pattern_type: 'LITERAL',
            principal: 'User:orders',
          },
        ],
      },
      create_time: expect.stringMatching(/^\d{4}-.*Z$/),
      created_by: root.id,
      credentials_user_id: '',
      credentials_consumed: false,
      credentials_state: null,
    };
    expect(await shown()).toEqual(described);
    const path = await approvedRotation(governed);
    const waiting = { credentials_user_id: ann.id, credentials_state: 'waiting' };
    expect(await shown()).toEqual({ ...described, ...waiting });
    await governed.rotations(ann, 'post', `${path}/reveal`).expect(200);
    const revealed = { credentials_user_id: ann.id, credentials_state: 'revealed' };
    expect(await shown()).toEqual({ ...described, ...revealed, credentials_consumed: true });
    expect((await as(ann, 'get', `/access/${access}`).expect(200)).body.access).toEqual(
      await shown(),
    );

    for (const path of ['/access', `/access/${access}`, `/access/${access}/kafka-acls`])
      expectRefusal(await as(stranger, 'get', path), 404, 'resource-unknown');
    const abroad = `/v1/organization/${foreign}/governance/access`;
    expect((await callAsUser(gateway, ann, 'get', abroad).expect(200)).body.total_count).toBe(0);
    for (const path of [`${abroad}/${access}`, `${abroad}/${access}/kafka-acls`])
      expectRefusal(await callAsUser(gateway, ann, 'get', path), 404, 'resource-unknown');
    const removed = await callAsUser(gateway, stranger, 'delete', `${abroad}/${access}`);
    expectRefusal(removed, 404, 'resource-unknown');
    for (const query of ['limit=0', 'cursor=next', 'resource_name=%00', 'owner_user_group_id=%00'])
      expectRefusal(await as(ann, 'get', `/access?${query}`), 400, 'field-invalid');
  });
});
