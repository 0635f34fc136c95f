import { afterEach, beforeEach, jest } from '@jest/globals';
import { generateKeyPairSync, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Context } from 'oidc-provider';
import { openBrowser } from './browser.js';
import type { Browser } from './browser.js';
import { startTestGateway, temporaryHome } from './gateway.js';
import type { TestGateway } from './gateway.js';

/** Somebody with an account at the provider. */
export interface Account {
  readonly sub: string;
  readonly email?: string;
  readonly email_verified?: boolean | string;
  readonly name?: string;
}

type Body = Record<string, unknown>;

/** A real provider of OpenID Connect on a loopback address, at which whoever comes is signed in at once. */
export interface TestProvider {
  readonly issuer: string;
  /** The EVERLEAF_... variables of a gateway that signs people in there. */
  readonly settings: Readonly<Record<string, string>>;
  /** Who signs in next. */
  account: Account;
  /** Sees, and may change, what the provider answers under a path. */
  tamper: (path: string, body: Body) => void;
  /** Whether it answers at all. */
  isDown: boolean;
  /** An ID token by the provider's own key. */
  signToken(claims: object): string;
  /** Takes the gateway as its client. */
  admit(gateway: TestGateway): Promise<void>;
}

/** How the gateway proves to the provider that it is the client. */
export interface ClientProof {
  readonly method: 'none' | 'client_secret_basic' | 'client_secret_post';
  /** What the gateway is told. */
  readonly secret?: string;
}

const clientId = 'everleaf';
const clientSecret = 'the secret of the client: 100% & more';
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwk = { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256', kid: 'test' };
const running: Server[] = [];

beforeEach(() => {
  // The provider reminds whoever runs it of what tests do not need.
  for (const level of ['warn', 'info'] as const)
    jest.spyOn(console, level).mockImplementation(() => undefined);
});

afterEach(async () => {
  jest.restoreAllMocks();
  await Promise.all(running.splice(0).map(stopServer));
});

/** A gateway, its provider, and a browser. */
export interface SignInHouse {
  readonly provider: TestProvider;
  readonly gateway: TestGateway;
  readonly browser: Browser;
  /** Where a sign-in begins. */
  readonly begin: string;
}

/** Starts them; all are stopped after the test. */
export async function startSignInHouse(
  account: Account,
  settings: Readonly<Record<string, string>> = {},
  proof: ClientProof = { method: 'none' },
): Promise<SignInHouse> {
  const provider = await startProvider(account, proof);
  const gateway = await startTestGateway({ ...provider.settings, ...settings });
  await provider.admit(gateway);
  const begin = `${gateway.urls.admin}/sign-in/openid`;
  return { provider, gateway, browser: openBrowser(gateway), begin };
}

async function startProvider(account: Account, proof: ClientProof): Promise<TestProvider> {
  let answer: RequestListener = (_request, response) => response.writeHead(503).end();
  const server = createServer((request, response) => {
    if (provider.isDown) request.destroy();
    else answer(request, response);
  });
  running.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const issuer = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const provider: TestProvider = {
    issuer,
    settings: {
      EVERLEAF_OPENID_ISSUER: issuer,
      EVERLEAF_OPENID_CLIENT_ID: clientId,
      ...secretSetting(proof),
    },
    account,
    tamper: () => undefined,
    isDown: false,
    signToken,
    admit: async ({ urls }) => {
      const redirectUri = `${urls.admin}/sign-in/openid/callback`;
      answer = await answersOf(provider, { redirectUri, method: proof.method });
    },
  };
  return provider;
}

function secretSetting({ method, secret }: ClientProof): Readonly<Record<string, string>> {
  if (method === 'none') return {};
  const file = join(temporaryHome(), 'client.secret');
  writeFileSync(file, `${secret ?? clientSecret}\n`, { mode: 0o600 });
  return { EVERLEAF_OPENID_CLIENT_SECRET_FILE: file };
}

async function answersOf(
  test: TestProvider,
  client: { readonly redirectUri: string; readonly method: ClientProof['method'] },
): Promise<RequestListener> {
  const { default: Provider } = await import('oidc-provider');
  const provider = new Provider(test.issuer, {
    clients: [
      {
        client_id: clientId,
        ...(client.method === 'none' ? {} : { client_secret: clientSecret }),
        redirect_uris: [client.redirectUri],
        token_endpoint_auth_method: client.method,
        id_token_signed_response_alg: 'ES256',
      },
    ],
    clientAuthMethods: [client.method],
    jwks: { keys: [jwk] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    cookies: { keys: ['of a test'] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: () => '/interaction' },
    findAccount: () => ({ accountId: test.account.sub, claims: () => ({ ...test.account }) }),
    loadExistingGrant: async ({ oidc }: Context) => {
      const of = { clientId: oidc.client.clientId, accountId: oidc.session.accountId };
      const grant = new oidc.provider.Grant(of);
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
  });
  provider.use(async (context, next) => {
    await next();
    if (typeof context.body === 'object' && context.body !== null)
      test.tamper(context.path, context.body as Body);
  });
  const callback = provider.callback();
  return (request, response) => {
    if (request.url !== '/interaction') {
      callback(request, response);
      return;
    }
    const login = { accountId: test.account.sub };
    void provider.interactionFinished(request, response, { login });
  };
}

function signToken(claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'ES256', kid: 'test' })}.${part(claims)}`;
  const key = { key: privateKey, dsaEncoding: 'ieee-p1363' } as const;
  return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
}

async function stopServer(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((done) => server.close(() => done()));
}
