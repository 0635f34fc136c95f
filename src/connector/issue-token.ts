import type { Kysely } from 'kysely';
import type { ClientKind } from '../authority/certificate-kinds.js';
import type { RecordEvent } from '../authority/audit.js';
import type { Clock, RandomBytes } from '../edges.js';
import type { Schema } from '../storage/schema.js';
import { holderName } from './client.js';
import type { Client } from './client.js';
import { pathsOf } from './paths.js';
import { rfc3339 } from '../http/rfc3339.js';
import type { TokenStore } from './token-store.js';
import { newToken } from './tokens.js';

/** What the operator gets and hands to the client. The token is shown here once and stored nowhere. */
export interface CreatedToken {
  readonly url: string;
  readonly token: string;
  /** RFC 3339. */
  readonly expiresAt: string;
  /** SHA-256 of the CA certificate, for the first trust in the gateway. */
  readonly caSha256: string;
}

/** Who asks for a token, and how long it is to be good instead of the gateway's setting. */
export interface TokenOrder {
  readonly actor: string;
  readonly requestId?: string | undefined;
  readonly ttlSeconds?: number | undefined;
}

export type IssueToken = (
  order: TokenOrder & {
    readonly client: Client;
    /** SHA-256 of the lapsed certificate whose line the token continues. */
    readonly predecessor?: string;
  },
) => Promise<CreatedToken>;

const keptSeconds = 30 * 86_400;

/** Puts a token on record for a client that has been judged. */
export function makeIssueToken(edges: {
  readonly transaction: <T>(work: (trx: Kysely<Schema>) => Promise<T>) => Promise<T>;
  readonly store: TokenStore;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly ttlSeconds: Readonly<Record<ClientKind, number>>;
  readonly gatewayUrl: string;
  readonly caSha256: () => Promise<string>;
  readonly recordEvent: RecordEvent;
}): IssueToken {
  const { store, clock, random, gatewayUrl } = edges;
  return async ({ client, predecessor, actor, requestId, ttlSeconds }) => {
    const now = clock();
    const expiresAt = now + (ttlSeconds ?? edges.ttlSeconds[client.kind]);
    await store.forget(now - keptSeconds);
    const { token, stored } = newToken({
      random,
      purpose: predecessor === undefined ? 'pair' : 'recover',
      client,
      predecessor: predecessor ?? null,
      createdBy: actor,
      now,
      expiresAt,
    });
    const detail = { token: stored.id, expiresAt, predecessor };
    const event = {
      action: 'token.created',
      actor,
      holder: holderName(client),
      requestId,
      detail,
    };
    await edges.transaction(async (trx) => {
      await store.insert(stored, trx);
      await edges.recordEvent(event, trx);
    });
    return {
      url: `${gatewayUrl}${pathsOf(client.kind).signingInfo}?token=${token}`,
      token,
      expiresAt: rfc3339(expiresAt),
      caSha256: await edges.caSha256(),
    };
  };
}
