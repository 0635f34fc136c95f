import type { Kysely } from 'kysely';
import type { Clock, RandomBytes } from '../edges.js';
import type { RecordEvent } from '../authority/audit.js';
import type { Schema } from '../storage/schema.js';
import { judgeApplicationName } from './application-name.js';
import { rfc3339 } from './rfc3339.js';
import type { TokenStore } from './token-store.js';
import { newToken } from './tokens.js';

/** What the operator gets and hands to the application. The token is shown here once and stored nowhere. */
export interface CreatedToken {
  readonly url: string;
  readonly token: string;
  /** RFC 3339. */
  readonly expiresAt: string;
  /** SHA-256 of the CA certificate, for the first trust in the gateway. */
  readonly caSha256: string;
  readonly notice?: string;
}

export type CreateToken = (order: {
  readonly application: string;
  readonly actor: string;
  readonly requestId?: string | undefined;
  /** Instead of the gateway's setting. */
  readonly ttlSeconds?: number | undefined;
}) => Promise<CreatedToken>;

const keptSeconds = 30 * 86_400;

/** Makes the token with which an application pairs. Throws a Failure when the name breaks a rule. */
export function makeCreateToken(edges: {
  readonly transaction: <T>(work: (trx: Kysely<Schema>) => Promise<T>) => Promise<T>;
  readonly store: TokenStore;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly ttlSeconds: number;
  readonly gatewayUrl: string;
  readonly caSha256: () => Promise<string>;
  readonly recordEvent: RecordEvent;
  /** Whether the application holds a certificate that is valid now. */
  readonly isPaired: (application: string) => Promise<boolean>;
}): CreateToken {
  return async ({ application: name, actor, requestId, ttlSeconds = edges.ttlSeconds }) => {
    const application = judgeApplicationName(name);
    const now = edges.clock();
    const expiresAt = now + ttlSeconds;
    await edges.store.forget(now - keptSeconds);
    const { token, stored } = newToken({
      random: edges.random,
      purpose: 'pair',
      application,
      createdBy: actor,
      now,
      expiresAt,
    });
    const detail = { token: stored.id, expiresAt };
    await edges.transaction(async (trx) => {
      await edges.store.insert(stored, trx);
      const event = { action: 'token.created', actor, holder: application, requestId, detail };
      await edges.recordEvent(event, trx);
    });
    return {
      url: `${edges.gatewayUrl}/v1/applications/signingRequests/info?token=${token}`,
      token,
      expiresAt: rfc3339(expiresAt),
      caSha256: await edges.caSha256(),
      ...((await edges.isPaired(application)) ? { notice: pairedNotice(application) } : {}),
    };
  };
}

function pairedNotice(application: string): string {
  return `${application} already holds a valid certificate: this token starts a second line beside it.`;
}
