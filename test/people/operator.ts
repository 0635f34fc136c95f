import request from 'supertest';
import type { Test } from 'supertest';
import { makeCreateAccessToken } from '../../src/people/access-tokens.js';
import { makeAccessTokenStore } from '../../src/people/access-token-store.js';
import type { Role } from '../../src/people/roles.js';
import { randomBytes } from 'node:crypto';
import type { TestGateway } from '../support/gateway.js';

/** An access token beside the administrator's, as the command line makes it. */
export async function makeAccessToken(
  gateway: TestGateway,
  role: Role,
  validitySeconds: number | null = null,
): Promise<{ readonly id: string; readonly token: string }> {
  const create = makeCreateAccessToken({
    store: makeAccessTokenStore(gateway.database.db),
    random: (length) => randomBytes(length),
    clock: gateway.clock.now,
  });
  return create({ name: role, role, validitySeconds });
}

/** A request to the admin listener with this Authorization header, or none. */
export function callAs(
  gateway: TestGateway,
  authorization: string | undefined,
  method: 'get' | 'post',
  path: string,
): Test {
  const test = request(gateway.urls.admin)[method](path).ca(gateway.ca);
  return authorization === undefined ? test : test.set('Authorization', authorization);
}
