import { expect } from '@jest/globals';
import { hash, randomBytes } from 'node:crypto';
import request from 'supertest';
import type { Response, Test } from 'supertest';
import type { FailureKind } from '../../src/failure.js';
import type { ProjectRole } from '../../src/storage/schema.js';
import { startTestGateway } from './gateway.js';
import type { TestGateway } from './gateway.js';
import { keptConnections } from './kept-connections.js';
import { replicaSettings } from './replicas.js';

/** A user with a token. */
export interface TestUser {
  readonly id: string;
  readonly email: string;
  readonly token: string;
}

/** A gateway on a database of its own. */
export async function startOn(database: { readonly url: string }): Promise<TestGateway> {
  return startTestGateway(replicaSettings(database.url));
}

/** A user on record with a token that does not expire. */
export async function addUser({ database, clock }: TestGateway, email: string): Promise<TestUser> {
  const id = `u${randomBytes(6).toString('hex')}`;
  const token = randomBytes(24).toString('base64');
  const now = clock.now();
  await database.db
    .insertInto('users')
    .values({
      id,
      email,
      real_name: `Name of ${email}`,
      password_hash: null,
      state: 'active',
      created_at: now,
      token_validity_begin: now,
      last_activity_at: null,
    })
    .execute();
  await database.db
    .insertInto('user_tokens')
    .values({
      token_sha256: hash('sha256', token),
      prefix: token.slice(0, 12),
      user_id: id,
      description: 'of a test',
      created_manually: 1,
      extend_when_used: 0,
      max_age_seconds: null,
      expires_at: null,
      created_at: now,
      last_used_at: null,
      last_ip: null,
      last_user_agent: null,
    })
    .execute();
  return { id, email, token };
}

/** An organisation with its members, admins first. */
export async function addOrganization(
  { database, clock }: TestGateway,
  people: { readonly admins: readonly TestUser[]; readonly members?: readonly TestUser[] },
): Promise<string> {
  const id = `org${randomBytes(6).toString('hex').slice(1)}`;
  const now = clock.now();
  await database.db
    .insertInto('organizations')
    .values({ id, name: 'Example', created_at: now, updated_at: now })
    .execute();
  const members = [
    ...people.admins.map(({ id: user_id }) => ({ user_id, is_admin: 1 })),
    ...(people.members ?? []).map(({ id: user_id }) => ({ user_id, is_admin: 0 })),
  ];
  await database.db
    .insertInto('organization_members')
    .values(members.map((member) => ({ ...member, organization_id: id, joined_at: now })))
    .execute();
  return id;
}

/** A request to the admin listener as this user, or as nobody. */
export function callAsUser(
  gateway: TestGateway,
  user: Pick<TestUser, 'token'> | undefined,
  method: 'get' | 'post' | 'put' | 'patch' | 'delete',
  path: string,
): Test {
  const test = request(gateway.urls.admin)
    [method](path)
    .ca(gateway.ca)
    .agent(keptConnections(gateway.urls.admin));
  return user === undefined ? test : test.set('Authorization', `aivenv1 ${user.token}`);
}

/** An organisation with its admin `root@example.com`, and the project `p1` of it. */
export interface House {
  readonly gateway: TestGateway;
  readonly organization: string;
  readonly root: TestUser;
  /** As the admin of the organisation. */
  readonly asRoot: (
    method: 'get' | 'post' | 'put' | 'patch' | 'delete',
    path: string,
    body?: object,
  ) => Test;
  /** A user who is a member of `p1` with a role. */
  readonly addMember: (role: ProjectRole, email?: string) => Promise<TestUser>;
}

export async function openProject(gateway: TestGateway): Promise<House> {
  const root = await addUser(gateway, 'root@example.com');
  const organization = await addOrganization(gateway, { admins: [root] });
  const asRoot: House['asRoot'] = (method, path, body) => {
    const test = callAsUser(gateway, root, method, path);
    return body === undefined ? test : test.send(body);
  };
  await asRoot('post', '/v1/project', { project: 'p1' }).expect(200);
  const addMember: House['addMember'] = async (role, email = `${role}@example.com`) => {
    const user = await addUser(gateway, email);
    await asRoot('post', '/v1/project/p1/invite', { user_email: email, member_type: role }).expect(
      200,
    );
    return user;
  };
  return { gateway, organization, root, asRoot, addMember };
}

/** W5: an answer is a JSON object in the dialect, `message` for people, and says what it is refused for. */
export function expectRefusal(answer: Response, status: number, reason: FailureKind): void {
  expect(answer.headers['content-type']).toBe('application/json;charset=UTF-8');
  expect({ status: answer.status, body: answer.body }).toEqual({
    status,
    body: {
      message: expect.stringMatching(/\S/),
      errors: [{ message: answer.body.message, status, error_code: reason }],
      requestId: answer.headers['x-request-id'],
    },
  });
}
