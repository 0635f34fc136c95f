import request from 'supertest';
import type { Test } from 'supertest';
import { openSession } from './console-session.js';
import type { TestGateway } from './gateway.js';
import { keptConnections } from './kept-connections.js';
import { firstPassword } from '../people/person.js';

/** A browser that has signed in, without its window. */
export interface Visitor {
  readonly cookie: string;
  readonly get: (path: string) => Test;
  /** Sends a form with the token of the session, as the pages do. */
  readonly post: (path: string, fields?: Readonly<Record<string, string>>) => Test;
}

/** What a browser says of a form that the gateway's own page sends. */
export const ownPage = (gateway: TestGateway): Readonly<Record<string, string>> => ({
  Origin: new URL(gateway.urls.admin).origin,
  'Sec-Fetch-Site': 'same-origin',
});

/** Signs in as the form does, without the form: `openSession` says why. */
export async function signIn(
  gateway: TestGateway,
  person: { readonly email: string; readonly password: string } = {
    email: 'admin@localhost',
    password: firstPassword(gateway),
  },
): Promise<Visitor> {
  const { admin } = gateway.urls;
  const prefix = admin.startsWith('https:') ? '__Host-' : '';
  const cookie = `${prefix}everleaf-session=${await openSession(gateway, person)}`;
  const get = (path: string) =>
    request(admin).get(path).ca(gateway.ca).agent(keptConnections(admin)).set('Cookie', cookie);
  const formToken = /name="form_token" value="([^"]+)"/.exec(
    (await get('/').expect(200)).text,
  )?.[1];
  return {
    cookie,
    get,
    post: (path, fields = {}) =>
      request(admin)
        .post(path)
        .ca(gateway.ca)
        .agent(keptConnections(admin))
        .set(ownPage(gateway))
        .set('Cookie', cookie)
        .type('form')
        .send({ form_token: formToken ?? '', ...fields }),
  };
}
