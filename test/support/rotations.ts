import { randomBytes } from 'node:crypto';
import type { Response } from 'supertest';
import { drawUser } from '../../src/people/add-user.js';
import type { RotationAnnouncement } from '../../src/notifications/outbox.js';
import { digestFor, ordersAccess } from './governance.js';
import type { Governed } from './governance.js';
import { callAsUser } from './people.js';
import type { TestUser } from './people.js';

/** Approves what is shown now. */
export async function approve(
  governed: Governed,
  path: string,
  as: TestUser = governed.ben,
): Promise<Response> {
  const digest = await digestFor(governed, path, governed.root);
  return governed.rotations(as, 'post', `${path}/approve`, { digest });
}

/** A request as the admin of the organisation sees it. */
export async function shownRotation(
  { rotations, root }: Governed,
  path: string,
): Promise<Readonly<Record<string, unknown>>> {
  const { body } = await rotations(root, 'get', path).expect(200);
  return body.rotation as Readonly<Record<string, unknown>>;
}

/** The service user `orders` as the admin of the project sees it. */
export async function shownUser({
  gateway,
  root,
}: Governed): Promise<Readonly<Record<string, string>>> {
  const { body } = await callAsUser(
    gateway,
    root,
    'get',
    '/v1/project/p1/service/kafka-1/user/orders',
  );
  return body.user as Readonly<Record<string, string>>;
}

/** To whom announcements of a kind go, as often as they do. */
export async function toldOf({ gateway }: Governed, kind: string): Promise<string[]> {
  const rows = await gateway.database.db
    .selectFrom('outbox')
    .select(['payload', 'recipient', 'channel'])
    .where('channel', '=', 'mail')
    .execute();
  return rows
    .filter(({ payload }) => (JSON.parse(payload) as RotationAnnouncement).kind === kind)
    .map(({ recipient }) => recipient)
    .sort();
}

/** Somebody is enabled or disabled, as an operator does it. */
export async function setState(
  { gateway }: Governed,
  { id }: TestUser,
  state: 'active' | 'disabled',
): Promise<void> {
  await gateway.database.db.updateTable('users').set({ state }).where('id', '=', id).execute();
}

/** Gives somebody a new password. */
export async function passwordOf({ gateway }: Governed, { id, email }: TestUser): Promise<string> {
  const random = (length: number): Buffer => randomBytes(length);
  const { user, password } = await drawUser(
    { email, realName: 'A' },
    { clock: gateway.clock.now, random },
  );
  await gateway.database.db
    .updateTable('users')
    .set({ password_hash: user.passwordHash })
    .where('id', '=', id)
    .execute();
  return password;
}

/** Gives somebody a password; returns what signs in with it, each time into another session. */
export async function withPassword(
  governed: Governed,
  user: TestUser,
): Promise<() => Promise<TestUser>> {
  const { id, email } = user;
  const password = await passwordOf(governed, user);
  return async () => {
    const signIn = callAsUser(governed.gateway, undefined, 'post', '/v1/userauth');
    const { body } = await signIn.send({ email, password }).expect(200);
    return { id, email, token: String(body.token) };
  };
}

/** Whether users of the service have certificates. */
export async function setCertificates(
  { gateway, root }: Governed,
  certificate: boolean,
): Promise<void> {
  await callAsUser(gateway, root, 'put', '/v1/project/p1/service/kafka-1')
    .send({
      user_config: {
        host: 'kafka.example.com',
        port: 9093,
        kafka_authentication_methods: { certificate },
      },
    })
    .expect(200);
}

/** Another group of these people, with an access of its own to a new user; the ids of both. */
export async function addAccess(
  { gateway, organization, root, as }: Governed,
  name: string,
  members: readonly TestUser[],
): Promise<{ readonly access: string; readonly group: string }> {
  const groups = `/v1/organization/${organization}/user-groups`;
  const made = await callAsUser(gateway, root, 'post', groups).send({ user_group_name: name });
  const group = String(made.body.user_group_id);
  await callAsUser(gateway, root, 'patch', `${groups}/${group}/members`)
    .send({ operation: 'add_members', member_ids: members.map(({ id }) => id) })
    .expect(200);
  const body = ordersAccess(group);
  const { body: created } = await as(root, 'post', '/access', {
    ...body,
    access_name: name,
    access_data: { ...body.access_data, username: undefined },
  }).expect(200);
  return { access: String(created.access.access_id), group };
}
