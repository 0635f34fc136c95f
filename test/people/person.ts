import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import request from 'supertest';
import type { Test } from 'supertest';
import { addUser, drawUser } from '../../src/people/add-user.js';
import { findFirstOrganization } from '../../src/people/first-organization.js';
import { addUserToken } from '../../src/people/new-user-token.js';
import type { TokenOrder } from '../../src/people/new-user-token.js';
import { makeUserStore } from '../../src/people/user-store.js';
import { makeUserTokenStore } from '../../src/people/user-token-store.js';
import type { TestGateway } from '../support/gateway.js';
import { keptConnections } from '../support/kept-connections.js';

/** A user as a test knows it. */
export interface Person {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  /** Good until it is withdrawn. */
  readonly token: string;
}

const random = (length: number) => randomBytes(length);

/** Adds a user to the first organisation, with a token, as the command line does. */
export async function addPerson(
  gateway: TestGateway,
  email = 'jo@example.com',
  { isAdmin = false }: { readonly isAdmin?: boolean } = {},
): Promise<Person> {
  const { user, password } = await drawUser(
    { email, realName: 'Jo' },
    { clock: gateway.clock.now, random },
  );
  await gateway.database.transaction(async (trx) => {
    const organizationId = (await findFirstOrganization(trx)) ?? '';
    await addUser(makeUserStore(trx), { user, organizationId, isAdmin }, trx);
  });
  const token = await addTokenOf(gateway, user.id);
  return { id: user.id, email, password, token };
}

/** One more token of a user. */
export async function addTokenOf(
  gateway: TestGateway,
  userId: string,
  order: Partial<TokenOrder> = {},
): Promise<string> {
  return gateway.database.transaction(async (trx) => {
    const tokens = makeUserTokenStore(trx);
    const making = { tokens, random, now: gateway.clock.now(), createdManually: true };
    const whole = { description: 'test', maxAgeSeconds: null, extendWhenUsed: false, ...order };
    return (await addUserToken(userId, whole, making, trx)).fullToken;
  });
}

/** The password of the first user. */
export function firstPassword({ home }: Pick<TestGateway, 'home'>): string {
  return readFileSync(join(home, 'admin.password'), 'utf8').trim();
}

/** A request to the admin listener, as `avn` sends it; without a token nobody asks. */
export function callAsUser(
  gateway: TestGateway,
  token: string | undefined,
  method: 'get' | 'post' | 'put' | 'patch' | 'delete' | 'head',
  path: string,
): Test {
  const test = request(gateway.urls.admin)
    [method](path)
    .ca(gateway.ca)
    .agent(keptConnections(gateway.urls.admin));
  return token === undefined ? test : test.set('Authorization', `aivenv1 ${token}`);
}

/** A sign-in by address and password. */
export function signIn(
  gateway: TestGateway,
  credentials: { readonly email: string; readonly password: string },
): Test {
  return callAsUser(gateway, undefined, 'post', '/v1/userauth').send(credentials);
}
