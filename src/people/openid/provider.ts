import type { Configuration } from 'openid-client';
import * as openid from 'openid-client';
import type { Clock } from '../../edges.js';
import { outageOf, toFailure, untrusted } from './provider-failures.js';
import { readIdentity } from './verified-identity.js';
import type { VerifiedIdentity } from './verified-identity.js';

/** What ties an answer of the provider to the sign-in that asked for it. */
export interface Ties {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** A provider of OpenID Connect. Both throw Failures: `provider-unavailable`, and the latter `login-failed` too. */
export interface OpenIdProvider {
  /** Where a browser is sent to sign in. */
  authorizationUrl(ties: Ties): Promise<URL>;
  /** Who came back with this query. */
  identify(query: URLSearchParams, ties: Ties): Promise<VerifiedIdentity>;
}

export interface OpenIdProviderEdges {
  readonly issuer: string;
  readonly clientId: string;
  /** undefined for a public client. */
  readonly readSecret: () => Promise<string | undefined>;
  readonly redirectUri: string;
  readonly clock: Clock;
}

const timeoutSeconds = 5;
const keptSeconds = 3600;

/** Asks for what the provider publishes when it is first needed, and again after an hour. */
export function makeOpenIdProvider(edges: OpenIdProviderEdges): OpenIdProvider {
  const { redirectUri } = edges;
  const configuration = makeKeptConfiguration(edges);
  return {
    authorizationUrl: async ({ state, nonce, verifier }) => {
      const parameters = {
        redirect_uri: redirectUri,
        scope: 'openid email profile',
        state,
        nonce,
        code_challenge: await openid.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      };
      return openid.buildAuthorizationUrl(await configuration(), parameters);
    },
    identify: async (query, { state, nonce, verifier }) => {
      const known = await configuration();
      const url = new URL(`${redirectUri}?${query.toString()}`);
      try {
        const tokens = await openid.authorizationCodeGrant(known, url, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        });
        return await describe(known, tokens);
      } catch (error) {
        throw toFailure(error);
      }
    },
  };
}

/** The address may stand in the ID token or only in the user info (OpenID Connect Core 5.4). */
async function describe(
  configuration: Configuration,
  tokens: Awaited<ReturnType<typeof openid.authorizationCodeGrant>>,
): Promise<VerifiedIdentity> {
  const claims = tokens.claims();
  // A subject has at most 255 ASCII characters (OpenID Connect Core 2).
  if (!claims || !/^[\x20-\x7e]{1,255}$/.test(claims.sub)) throw untrusted();
  const identity = { issuer: claims.iss, subject: claims.sub };
  const isElsewhere =
    claims['email'] === undefined && configuration.serverMetadata().userinfo_endpoint !== undefined;
  if (!isElsewhere) return readIdentity(identity, claims);
  const info = await openid.fetchUserInfo(configuration, tokens.access_token, claims.sub);
  return readIdentity(identity, info);
}

function makeKeptConfiguration(edges: OpenIdProviderEdges): () => Promise<Configuration> {
  let kept: { readonly until: number; readonly found: Promise<Configuration> } | undefined;
  return async () => {
    const now = edges.clock();
    if (!kept || now > kept.until) kept = { until: now + keptSeconds, found: discover(edges) };
    const asked = kept;
    try {
      return await asked.found;
    } catch (error) {
      // The next one asks again.
      if (kept === asked) kept = undefined;
      throw outageOf(error);
    }
  };
}

async function discover(edges: OpenIdProviderEdges): Promise<Configuration> {
  const { issuer, clientId } = edges;
  const secret = await edges.readSecret();
  const url = new URL(issuer);
  const metadata = { [openid.clockTolerance]: 30 };
  return openid.discovery(url, clientId, metadata, authentication(secret), {
    timeout: timeoutSeconds,
    execute: [
      openid.enableNonRepudiationChecks,
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- the settings allow it on a loopback address alone
      ...(url.protocol === 'http:' ? [openid.allowInsecureRequests] : []),
    ],
  });
}

/** Basic is what a provider takes that does not say (OpenID Connect Discovery 3). */
function authentication(secret: string | undefined): openid.ClientAuth {
  if (secret === undefined) return openid.None();
  const basic = openid.ClientSecretBasic(secret);
  const post = openid.ClientSecretPost(secret);
  return (server, client, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    const isBasic =
      methods.includes('client_secret_basic') || !methods.includes('client_secret_post');
    const prove = isBasic ? basic : post;
    prove(server, client, body, headers);
  };
}
