import type { Test } from 'supertest';
import { call } from './gateway.js';
import type { TestGateway } from './gateway.js';
import { servicePath } from './services.js';
import type { ServiceHouse } from './services.js';

/** A pair of a service user as a client holds it. */
export interface UserPair {
  readonly certPem: string;
  readonly keyPem: string;
}

/** What a service user asks of the gateway listener with a pair of its own, or with none. */
export interface AsHolder {
  me(pair?: UserPair): Test;
  acknowledge(pair?: UserPair): Test;
  fetch(pair?: UserPair): Test;
}

export function asHolder(gateway: TestGateway): AsHolder {
  return {
    me: (pair) => call(gateway, 'get', '/v1/service-users/me', pair),
    acknowledge: (pair) => call(gateway, 'post', '/v1/service-users/acknowledgements', pair),
    fetch: (pair) => call(gateway, 'get', '/v1/service-users/credentials', pair),
  };
}

/** The pair of a user of `kafka-1` as it is now. */
export async function pairOf(house: ServiceHouse, username: string): Promise<UserPair> {
  const { access_cert: certPem, access_key: keyPem } = await house.user(
    encodeURIComponent(username),
  );
  return { certPem, keyPem };
}

/** Makes a user of `kafka-1` and gives its pair. */
export async function addHolder(house: ServiceHouse, username: string): Promise<UserPair> {
  await house.asRoot('post', `${servicePath}/user`, { username }).expect(200);
  return pairOf(house, username);
}

/** Switches self-service on or off. */
export async function setSelfService(
  house: ServiceHouse,
  username: string,
  enabled = true,
): Promise<void> {
  const path = `${servicePath}/user/${encodeURIComponent(username)}/self_service`;
  await house.asRoot('put', path, { enabled }).expect(200);
}

/** The files of an answer by name. */
export function filesIn(body: unknown): Record<string, string> {
  const { files } = body as { files: { name: string; content: string }[] };
  return Object.fromEntries(
    files.map(({ name, content }) => [name, Buffer.from(content, 'base64').toString()]),
  );
}
