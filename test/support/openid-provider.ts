import { afterEach } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';
import type { Context } from 'oidc-provider';
import type { TestGateway } from './gateway.js';

/** Somebody with an account at the provider. */
export interface Account {
  readonly sub: string;
  readonly email?: string;
  readonly email_verified?: boolean;
  readonly name?: string;
}

/** A real provider of OpenID Connect on a loopback address, at which whoever comes is signed in at once. */
export interface TestProvider {
  readonly issuer: string;
  /** The EVERLEAF_... variables of a gateway that signs people in there. */
  readonly settings: Readonly<Record<string, string>>;
  /** Who signs in next. */
  account: Account;
  /** Where set, changes what the provider answers under a path before it is sent. */
  tamper: ((path: string, body: Record<string, unknown>) => void) | undefined;
  /** Takes the gateway as a client. */
  admit(gateway: TestGateway): void;
  stop(): Promise<void>;
}

const clientId = 'everleaf';
const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const signingKey = { ...key.export({ format: 'jwk' }), use: 'sig', alg: 'ES256', kid: 'test' };
const running: Server[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map(stopServer));
});

/** Starts it; it is stopped after the test. */
export async function startProvider(account: Account): Promise<TestProvider> {
  let answer: RequestListener = (_request, response) => response.writeHead(503).end();
  const server = createServer((request, response) => void answer(request, response));
  running.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const issuer = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const provider: TestProvider = {
    issuer,
    settings: { EVERLEAF_OPENID_ISSUER: issuer, EVERLEAF_OPENID_CLIENT_ID: clientId },
    account,
    tamper: undefined,
    admit: ({ urls }) => {
      answer = answersOf(provider, `${urls.admin}/sign-in/openid/callback`);
    },
    stop: () => stopServer(server),
  };
  return provider;
}

function answersOf(test: TestProvider, redirectUri: string): RequestListener {
  const provider = new Provider(test.issuer, {
    clients: [
      {
        client_id: clientId,
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: 'none',
        id_token_signed_response_alg: 'ES256',
      },
    ],
    jwks: { keys: [signingKey] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    cookies: { keys: ['of a test'] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: () => '/interaction' },
    findAccount: () => ({ accountId: test.account.sub, claims: () => ({ ...test.account }) }),
    loadExistingGrant: async ({ oidc }: Context) => {
      const { clientId: client } = oidc.client;
      const grant = new oidc.provider.Grant({
        clientId: client,
        accountId: oidc.session.accountId,
      });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
  });
  provider.use(async (context, next) => {
    await next();
    if (typeof context.body === 'object' && context.body !== null)
      test.tamper?.(context.path, context.body as Record<string, unknown>);
  });
  const callback = provider.callback();
  return (request, response) => {
    if (request.url?.startsWith('/interaction') !== true) {
      callback(request, response);
      return;
    }
    const login = { accountId: test.account.sub };
    void provider.interactionFinished(request, response, { login });
  };
}

async function stopServer(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((done) => server.close(() => done()));
}
