import type { Kysely } from 'kysely';
import { listOldCertificates } from '../credentials/old-certificate-store.js';
import type { ServiceUserStore } from '../credentials/service-user-store.js';
import type { CurrentPair, ServiceUser } from '../credentials/service-user.js';
import type { Clock } from '../edges.js';
import { Failure } from '../failure.js';
import type { Schema } from '../storage/schema.js';
import type { RotationOrder } from './decide-rotation.js';
import { revokeAll } from './discard-result.js';
import { resultStore } from './result-store.js';
import type { AccessGround } from './rotation-ground.js';
import type { Rotation } from './rotation.js';
import type { NewCredentials } from './sealed-credentials.js';
import type { TellRotation } from './tell-rotation.js';

export interface RevealOrder extends RotationOrder {
  /** Where the request comes from. */
  readonly address: string;
}

export interface HandOverEdges {
  readonly users: Pick<ServiceUserStore, 'replacePair' | 'replacePassword'>;
  readonly tell: TellRotation;
  /** How long old certificates work after a reveal where the request says after_grace. */
  readonly graceSeconds: number;
  readonly clock: Clock;
}

/** Who gets what, all of it judged. */
export interface HandedOver {
  readonly order: RevealOrder;
  readonly ground: AccessGround & {
    readonly user: ServiceUser & { readonly pair: CurrentPair };
  };
  readonly rotation: Rotation;
  readonly credentials: NewCredentials;
}

/**
 * Makes the credentials those of the user and erases what was sealed, in the transaction of a reveal. The old
 * certificates go as the request says; no route shows the new ones, since they are in the requester's hands now.
 */
export function makeHandOver({
  users,
  tell,
  clock,
  graceSeconds,
}: HandOverEdges): (handed: HandedOver, trx: Kysely<Schema>) => Promise<void> {
  return async (handed, trx) => {
    const { order, ground, rotation, credentials } = handed;
    const { access, group, user } = ground;
    const now = clock();
    const to: CurrentPair = {
      sha256: credentials.sha256,
      certificate: credentials.certificate,
      sealedKey: null,
      notAfter: credentials.notAfter,
    };
    const { id: accessId } = access;
    const change = { id: user.id, from: user.pair.sha256, to, pending: undefined, accessId };
    const isReplaced =
      (await users.replacePair({ ...change, isWithheld: true }, trx)) &&
      (await users.replacePassword({ id: user.id, sealedPassword: null, accessId, now }, trx));
    if (!isReplaced)
      throw new Failure('state-conflict', 'The user has changed meanwhile: try again.');
    const old = (await listOldCertificates({ ...user, pair: to }, now, trx))
      .filter(({ isRevoked }) => !isRevoked)
      .map(({ sha256 }) => sha256);
    const isLater = rotation.revokeOld === 'after_grace' && old.length > 0;
    const revokeLater = isLater ? { at: now + graceSeconds, certificates: old } : undefined;
    const isRevealed = await resultStore.reveal(
      { id: rotation.id, now, ...(revokeLater ? { revokeLater } : {}) },
      trx,
    );
    if (!isRevealed) throw new Error('credentials that wait could not be revealed');
    const revoked = await revokeAll({ access, certificates: toRevoke(handed, old), now }, trx);
    const { actor, requestId, address } = order;
    await tell(
      {
        access,
        group,
        rotation,
        action: 'rotation.revealed',
        kinds: ['credentials-revealed'],
        certificate: credentials.sha256,
        address,
        detail: { address, revoked, revokeLater: revokeLater?.certificates ?? [] },
        actor,
        requestId,
      },
      trx,
    );
  };
}

/** At once all that was before; else only what the periodic renewal had made meanwhile, which nobody has. */
function toRevoke({ rotation, ground }: HandedOver, old: readonly string[]): readonly string[] {
  if (rotation.revokeOld === 'at_once') return old;
  const { pair, isWithheld } = ground.user;
  return isWithheld && pair.sealedKey !== null ? [pair.sha256] : [];
}
