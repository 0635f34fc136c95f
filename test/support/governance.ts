import type { Test } from 'supertest';
import type { TestGateway } from './gateway.js';
import { addOrganization, addUser, callAsUser } from './people.js';
import type { TestUser } from './people.js';
import { newKafka } from './services.js';

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** An organisation with a group that owns an access to the service user `orders` of `p1`/`kafka-1`. */
export interface Governed {
  readonly gateway: TestGateway;
  readonly organization: string;
  /** Admin of the organisation and of the project, in no group. */
  readonly root: TestUser;
  /** The group that owns the access. */
  readonly group: string;
  /** Members of it. */
  readonly ann: TestUser;
  readonly ben: TestUser;
  readonly cleo: TestUser;
  /** Of the organisation, in no group. */
  readonly outsider: TestUser;
  readonly access: string;
  /** A request below `/v1/organization/ORG/governance`. */
  readonly as: (user: TestUser, method: Method, path: string, body?: object) => Test;
  /** A request below `.../access/ACCESS/rotations`. */
  readonly rotations: (user: TestUser, method: Method, path: string, body?: object) => Test;
  /** Adds to the group, or removes from it. */
  readonly setMembers: (
    operation: 'add_members' | 'remove_members',
    ...users: readonly TestUser[]
  ) => Promise<void>;
}

export const userPath = '/v1/project/p1/service/kafka-1/user/orders';

interface AccessBody {
  access_name: string;
  access_type: string;
  owner_user_group_id: string;
  access_data: {
    project_name: string;
    service_name: string;
    username: string;
    acls: Record<string, string>[];
  };
}

/** The body that makes the access of a house. */
export const ordersAccess = (group: string): AccessBody => ({
  access_name: 'orders',
  access_type: 'KAFKA',
  owner_user_group_id: group,
  access_data: {
    project_name: 'p1',
    service_name: 'kafka-1',
    username: 'orders',
    acls: [
      {
        resource_name: 'orders.v1',
        resource_type: 'Topic',
        operation: 'Read',
        permission_type: 'ALLOW',
        host: '*',
      },
    ],
  },
});

/** Opens it through the front door. */
export async function openGovernance(gateway: TestGateway): Promise<Governed> {
  const root = await addUser(gateway, 'root@example.com');
  const [ann, ben, cleo, outsider] = [
    await addUser(gateway, 'ann@example.com'),
    await addUser(gateway, 'ben@example.com'),
    await addUser(gateway, 'cleo@example.com'),
    await addUser(gateway, 'outsider@example.com'),
  ];
  const organization = await addOrganization(gateway, {
    admins: [root],
    members: [ann, ben, cleo, outsider],
  });
  const call = (user: TestUser, method: Method, path: string, body?: object): Test => {
    const test = callAsUser(gateway, user, method, path);
    return body === undefined ? test : test.send(body);
  };
  await call(root, 'post', '/v1/project', { project: 'p1' }).expect(200);
  await call(root, 'post', '/v1/project/p1/service', newKafka).expect(200);
  await call(root, 'post', '/v1/project/p1/service/kafka-1/user', { username: 'orders' }).expect(
    200,
  );
  const groups = `/v1/organization/${organization}/user-groups`;
  const made = await call(root, 'post', groups, { user_group_name: 'owners' }).expect(200);
  const group = String(made.body.user_group_id);
  const setMembers: Governed['setMembers'] = async (operation, ...users) => {
    const body = { operation, member_ids: users.map(({ id }) => id) };
    await call(root, 'patch', `${groups}/${group}/members`, body).expect(200);
  };
  await setMembers('add_members', ann, ben, cleo);
  const governance = `/v1/organization/${organization}/governance`;
  const as: Governed['as'] = (user, method, path, body) =>
    call(user, method, `${governance}${path}`, body);
  const created = await as(root, 'post', '/access', ordersAccess(group)).expect(200);
  const access = String(created.body.access.access_id);
  const rotations: Governed['rotations'] = (user, method, path, body) =>
    as(user, method, `/access/${access}/rotations${path}`, body);
  const people = { root, ann, ben, cleo, outsider };
  return { gateway, organization, group, ...people, access, as, rotations, setMembers };
}

/** Asks as Ann; the path of the request below `.../rotations`. */
export async function askForRotation(
  { rotations, ann }: Governed,
  body: object = { message: 'the laptop was stolen' },
  as: TestUser = ann,
): Promise<string> {
  const { body: answer } = await rotations(as, 'post', '', body).expect(200);
  return `/${String(answer.rotation.rotation_id)}`;
}

/** What a request is shown with, to be sent back with the approval. */
export async function digestFor(
  { rotations, ben }: Governed,
  path: string,
  as: TestUser = ben,
): Promise<string> {
  const { body } = await rotations(as, 'get', path).expect(200);
  return String(body.rotation.digest);
}

/** Asks as Ann and approves as Ben; the path of the request. */
export async function approvedRotation(
  governed: Governed,
  body?: Parameters<typeof askForRotation>[1],
): Promise<string> {
  const path = await askForRotation(governed, body);
  const digest = await digestFor(governed, path);
  const { rotations, ben } = governed;
  const answer = await rotations(ben, 'post', `${path}/approve`, { digest }).expect(200);
  if (answer.body.rotation.state !== 'approved')
    throw new Error(`not approved: ${JSON.stringify(answer.body)}`);
  return path;
}
