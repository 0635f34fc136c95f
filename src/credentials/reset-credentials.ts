import { hash } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { RecordEvent } from '../authority/audit.js';
import type { Clock } from '../edges.js';
import { Failure } from '../failure.js';
import type { Schema } from '../storage/schema.js';
import { refuseGoverned } from './governed-user.js';
import type { IssuePair } from './issue-pair.js';
import { redacted } from './plain-json.js';
import type { Secrets } from './secrets.js';
import { hasCertificates } from './service.js';
import type { Service } from './service.js';
import type { ServiceUserStore } from './service-user-store.js';
import { userUnknown } from './service-user.js';
import type { CurrentPair, ServiceUser } from './service-user.js';

export interface ResetOrder {
  readonly service: Service;
  readonly user: ServiceUser;
  /** 8 to 256 characters; generated where there is none. */
  readonly newPassword?: string | undefined;
  readonly authentication?: string | undefined;
  /** Two orders with the same key are one. */
  readonly idempotencyKey?: string | undefined;
  readonly validitySeconds: number;
  readonly actor: string;
  readonly requestId?: string | undefined;
}

export type ResetCredentials = (order: ResetOrder) => Promise<void>;

interface ResetEdges {
  readonly transaction: <T>(work: (trx: Kysely<Schema>) => Promise<T>) => Promise<T>;
  readonly users: Pick<ServiceUserStore, 'find' | 'replacePair' | 'replacePassword' | 'settle'>;
  readonly issuePair: IssuePair;
  readonly secrets: Pick<Secrets, 'newPassword' | 'sealPassword' | 'openPassword'>;
  readonly recordEvent: RecordEvent;
  readonly clock: Clock;
}

/**
 * A new password at once, and where the service has certificates a new key and certificate; a pending renewal is over, and
 * a certification request that waits is dropped: whoever had to be shut out may have sent it. The old certificate works on
 * until it ends or is revoked. Throws Failure `field-invalid`, `resource-unknown`, `state-conflict`, also where an access
 * owns the user.
 */
export function makeResetCredentials(edges: ResetEdges): ResetCredentials {
  const { users, secrets } = edges;
  return async (order) => {
    const { user, newPassword, idempotencyKey } = order;
    refuseGoverned(user);
    judgePassword(newPassword);
    const resetKey = idempotencyKey === undefined ? undefined : hash('sha256', idempotencyKey);
    const isMade = (by: ServiceUser | undefined): boolean => {
      if (!by || resetKey === undefined || by.resetKey !== resetKey) return false;
      if (newPassword === undefined || newPassword === passwordOf(by, secrets)) return true;
      throw new Failure(
        'state-conflict',
        'This Idempotency-Key belongs to a reset with another password: send a new key.',
      );
    };
    if (isMade(user)) return;
    try {
      await reset({ ...order, resetKey }, edges);
    } catch (error) {
      // The same order delivered twice at once: the other one was quicker.
      if (!(error instanceof Failure) || !isMade(await users.find(user))) throw error;
    }
  };
}

async function reset(
  order: ResetOrder & { readonly resetKey: string | undefined },
  { transaction, users, issuePair, secrets, recordEvent, clock }: ResetEdges,
): Promise<void> {
  const { service, user, authentication, resetKey, validitySeconds, actor, requestId } = order;
  const { id, project, username, pending } = user;
  const password = order.newPassword ?? secrets.newPassword();
  const sealedPassword = secrets.sealPassword(password, id);
  const event = { action: 'service-user.reset', actor, requestId, detail: { username } };
  const replacePassword = async (trx: Kysely<Schema>): Promise<void> => {
    const change = { id, sealedPassword, authentication, resetKey, accessId: null, now: clock() };
    if (!(await users.replacePassword(change, trx))) throw await changedMeanwhile(user, users, trx);
  };
  if (!hasCertificates(service)) {
    await transaction(async (trx) => {
      await replacePassword(trx);
      if (pending) await users.settle({ id, pendingId: pending.id }, trx);
      await recordEvent({ ...event, project, service: service.name }, trx);
    });
    return;
  }
  const follows = user.pair?.sha256;
  const alongside = async (trx: Kysely<Schema>, to: CurrentPair): Promise<void> => {
    const change = { id, from: follows ?? null, to, pending: undefined, accessId: null };
    if (!(await users.replacePair(change, trx))) throw await changedMeanwhile(user, users, trx);
    await replacePassword(trx);
  };
  await issuePair({ user, validitySeconds, follows, event, alongside });
}

async function changedMeanwhile(
  user: ServiceUser,
  users: Pick<ServiceUserStore, 'find'>,
  trx: Kysely<Schema>,
): Promise<Failure> {
  const now = await users.find(user, trx);
  if (now?.id !== user.id) return userUnknown();
  refuseGoverned(now);
  return new Failure(
    'state-conflict',
    `${user.username} got other credentials meanwhile: download those, or reset them again.`,
  );
}

function passwordOf(user: ServiceUser, secrets: Pick<Secrets, 'openPassword'>): string | undefined {
  const { id, sealedPassword } = user;
  return sealedPassword === null ? undefined : secrets.openPassword(sealedPassword, id);
}

function judgePassword(password: string | undefined): void {
  if (password === undefined) return;
  const length = Array.from(password).length;
  if (length < 8 || length > 256)
    throw new Failure('field-invalid', 'new_password must have 8 to 256 characters.');
  if (password === redacted)
    throw new Failure('field-invalid', `new_password must not be ${redacted}.`);
}
