import type { Kysely } from 'kysely';
import type { RecordEvent } from '../authority/audit.js';
import type { Clock } from '../edges.js';
import { Failure } from '../failure.js';
import type { Schema } from '../storage/schema.js';
import type { IssuePair } from './issue-pair.js';
import type { Secrets } from './secrets.js';
import { hasCertificates } from './service.js';
import type { Service } from './service.js';
import type { ServiceUserStore } from './service-user-store.js';
import type { CurrentPair, ServiceUser } from './service-user.js';

export interface ResetOrder {
  readonly service: Service;
  readonly user: ServiceUser;
  /** 8 to 256 characters; generated where there is none. */
  readonly newPassword?: string | undefined;
  readonly validitySeconds: number;
  readonly actor: string;
  readonly requestId?: string | undefined;
}

export type ResetCredentials = (order: ResetOrder) => Promise<ServiceUser>;

/**
 * A new password at once, and where the service has certificates a new key and certificate; a pending renewal is over.
 * The old certificate works on until it ends or is revoked. Throws Failure `field-invalid`, `state-conflict`.
 */
export function makeResetCredentials(edges: {
  readonly transaction: <T>(work: (trx: Kysely<Schema>) => Promise<T>) => Promise<T>;
  readonly users: Pick<ServiceUserStore, 'replacePair' | 'replacePassword'>;
  readonly issuePair: IssuePair;
  readonly secrets: Pick<Secrets, 'newPassword' | 'sealPassword'>;
  readonly recordEvent: RecordEvent;
  readonly clock: Clock;
}): ResetCredentials {
  const { transaction, users, issuePair, secrets, recordEvent, clock } = edges;
  return async ({ service, user, newPassword, validitySeconds, actor, requestId }) => {
    const { id, project, username } = user;
    judgePassword(newPassword);
    const sealedPassword = secrets.sealPassword(newPassword ?? secrets.newPassword(), id);
    const now = clock();
    const event = { action: 'service-user.reset', actor, requestId, detail: { username } };
    const changePassword = (trx: Kysely<Schema>) =>
      users.replacePassword({ id, sealedPassword, now }, trx);
    const reset = { ...user, sealedPassword, passwordUpdatedAt: now, pending: undefined };
    if (!hasCertificates(service)) {
      await transaction(async (trx) => {
        await changePassword(trx);
        await recordEvent({ ...event, project, service: service.name }, trx);
      });
      return reset;
    }
    const from = user.pair?.sha256 ?? null;
    const alongside = async (trx: Kysely<Schema>, to: CurrentPair): Promise<void> => {
      if (!(await users.replacePair({ id, from, to, pending: undefined }, trx))) {
        throw new Failure('state-conflict', `${username} has other credentials meanwhile.`);
      }
      await changePassword(trx);
    };
    const follows = user.pair?.sha256;
    return {
      ...reset,
      pair: await issuePair({ user, validitySeconds, follows, event, alongside }),
    };
  };
}

function judgePassword(password: string | undefined): void {
  if (password === undefined) return;
  const length = Array.from(password).length;
  if (length >= 8 && length <= 256) return;
  throw new Failure('field-invalid', 'new_password must have 8 to 256 characters.');
}
