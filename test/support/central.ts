import request from 'supertest';
import type { Test } from 'supertest';
import type { Client } from '../../src/connector/client.js';
import { pathsOf } from '../../src/connector/paths.js';
import { call, csrBody, holderFrom, startTestGateway } from './gateway.js';
import type { Holder, TestGateway } from './gateway.js';
import { makeKey } from './requests.js';

/** Settings of a gateway in central mode. */
const central = { EVERLEAF_MODE: 'central' } as const;

/** An application of tenant `tenant` and group `group`, unless it is said otherwise. */
export function centralApp(names: Partial<Client> = {}): Client {
  return { kind: 'application', application: 'app', tenant: 'tenant', group: 'group', ...names };
}

/** The runtime of tenant `tenant` and group `group`, unless it is said otherwise. */
export function centralRuntime(names: Partial<Client> = {}): Client {
  return { kind: 'runtime', application: '', tenant: 'tenant', group: 'group', ...names };
}

/** Starts a gateway in central mode. */
export async function startCentral(
  settings: Readonly<Record<string, string>> = {},
): Promise<TestGateway> {
  return startTestGateway({ ...central, ...settings });
}

/** Asks the internal API for a token by headers; absent ones are not sent. */
export function askToken(
  gateway: TestGateway,
  kind: Client['kind'],
  headers: Readonly<Record<string, string | undefined>>,
): Test {
  const test = request(gateway.urls.admin)
    .post(pathsOf(kind).tokens)
    .ca(gateway.ca)
    .set('Authorization', `Bearer ${gateway.adminToken}`);
  for (const [name, value] of Object.entries(headers)) {
    // Node sends header text as Latin-1, so UTF-8 goes out as its bytes.
    if (value !== undefined) test.set(name, Buffer.from(value).toString('latin1'));
  }
  return test;
}

/** A token for a client of central mode. */
export async function tokenFor(gateway: TestGateway, client: Client): Promise<string> {
  const { application, tenant, group } = client;
  const headers = { Tenant: tenant ?? '', Group: group ?? '' };
  const named = client.kind === 'runtime' ? headers : { ...headers, Application: application };
  const { body } = await askToken(gateway, client.kind, named).expect(201);
  return String(body.token);
}

/** The subject that a client of central mode has to ask for. */
function subjectFor({ kind, application, tenant, group }: Client): string {
  const name = kind === 'runtime' ? '*Runtime*' : application;
  return `/C=DE/ST=Waldorf/L=Waldorf/O=${String(tenant)}/OU=${String(group)}/CN=${name}`;
}

/** A first certificate by token, with a new key and the client's subject unless another is given. */
export function enrolClient(
  gateway: TestGateway,
  client: Client,
  input: { readonly token: string; readonly key?: Holder['key']; readonly subject?: string },
): Test {
  const { token, key = makeKey('prime256v1'), subject = subjectFor(client) } = input;
  const path = `${pathsOf(client.kind).certificates}?token=${token}`;
  return call(gateway, 'post', path).send(csrBody({ key, subject }));
}

/** Pairs a client of central mode and gives its first pair. */
export async function pairClient(gateway: TestGateway, client: Client): Promise<Holder> {
  const key = makeKey('prime256v1');
  const token = await tokenFor(gateway, client);
  const { body } = await enrolClient(gateway, client, { token, key }).expect(201);
  return holderFrom(body, { application: client.application, key });
}

/** A renewal of the client's certificate with a new key. */
export function renewClient(gateway: TestGateway, client: Client, holder: Holder): Test {
  const key = makeKey('prime256v1');
  return call(gateway, 'post', pathsOf(client.kind).renewals, holder).send(
    csrBody({ key, subject: subjectFor(client) }),
  );
}
