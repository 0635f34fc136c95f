import type { Kysely } from 'kysely';
import type { ProjectAuthorities } from '../authority/project-authorities.js';
import { toPem } from '../authority/chains.js';
import type { CredentialFile, ExportCredentials } from '../credentials/credential-files.js';
import { listOldCertificates } from '../credentials/old-certificate-store.js';
import { certificatePem } from '../credentials/service-user-answers.js';
import type { ServiceUserStore } from '../credentials/service-user-store.js';
import type { CurrentPair, ServiceUser } from '../credentials/service-user.js';
import type { Clock } from '../edges.js';
import { Failure } from '../failure.js';
import type { InTransaction } from '../people/record-change.js';
import { retryTransient } from '../storage/retry-transient.js';
import type { Schema } from '../storage/schema.js';
import type { RotationOrder } from './decide-rotation.js';
import { revokeAll } from './discard-result.js';
import { memberOf } from './owner-group-store.js';
import { resultStore } from './result-store.js';
import { judgeReveal, worthless } from './reveal-policy.js';
import { holdGround, readGround, requireRotatable } from './rotation-ground.js';
import type { AccessGround, GroundEdges } from './rotation-ground.js';
import type { RotationStore } from './rotation-store.js';
import { rotationUnknown } from './rotation.js';
import type { Rotation } from './rotation.js';
import type { CredentialSealing, NewCredentials } from './sealed-credentials.js';
import type { TellRotation } from './tell-rotation.js';

export interface RevealOrder extends RotationOrder {
  /** Where the request comes from. */
  readonly address: string;
}

/** All that a holder needs, this once. */
export interface RevealedCredentials {
  readonly rotation: Rotation;
  readonly username: string;
  readonly password: string;
  readonly certificatePem: string;
  readonly notAfter: number;
  /** PKCS#8. */
  readonly keyPem: string;
  /** One or several blocks. */
  readonly caPem: string;
  /** PEM, PKCS#12 and what Java reads. */
  readonly files: readonly CredentialFile[];
}

export type RevealCredentials = (order: RevealOrder) => Promise<RevealedCredentials>;

interface Edges extends GroundEdges {
  readonly db: Kysely<Schema>;
  readonly transaction: InTransaction;
  readonly rotations: Pick<RotationStore, 'find'>;
  readonly users: Pick<ServiceUserStore, 'find' | 'replacePair' | 'replacePassword'>;
  readonly authorities: Pick<ProjectAuthorities, 'certificates'>;
  readonly sealing: CredentialSealing;
  readonly exportFiles: ExportCredentials;
  readonly tell: TellRotation;
  /** How long old certificates work after a reveal where the request says after_grace. */
  readonly graceSeconds: number;
  readonly clock: Clock;
}

/**
 * Hands the credentials of an approved request to its requester, once. They become those of the user, what was sealed is
 * erased, the old certificates go as the request says, and all that is on record before anything leaves: an answer that
 * is lost is lost. What cannot be opened uses nothing up, nor does a certificate that nobody accepts any more: the answer
 * is made first, for whoever may have it, and given only to the one whose reveal is on record. Throws Failure
 * `resource-unknown`, `right-missing` for everybody else, `state-conflict` where there is nothing yet,
 * `handed-out-already` where there is nothing any more.
 */
export function makeRevealCredentials(edges: Edges): RevealCredentials {
  return async (order) => {
    const credentials = await open(edges, order);
    const answer = await prepareAnswer(edges, credentials);
    return retryTransient(() =>
      edges.transaction(async (trx) => {
        const ground = await holdGround(edges, order, trx);
        const { rotation, user } = await requireRevealable(edges, { order, ground }, trx);
        await handOver(edges, { order, ground: { ...ground, user }, rotation, credentials }, trx);
        return { ...answer, rotation: (await findRotation(edges, order, trx)) ?? rotation };
      }),
    );
  };
}

interface Opened extends NewCredentials {
  readonly user: ServiceUser;
}

/** Outside the transaction that decides: to open them and to make the files takes longer than others should wait. */
async function open(edges: Edges, order: RevealOrder): Promise<Opened> {
  const { db, sealing } = edges;
  const waiting = await resultStore.find(order.rotationId, db);
  const ground = await readGround(edges, order, db);
  const { rotation, user } = await requireRevealable(edges, { order, ground }, db);
  if (!waiting)
    throw new Failure('state-conflict', 'The credentials have been made this moment: try again.');
  return { ...sealing.open(waiting, rotation.id), user };
}

async function prepareAnswer(
  { authorities, exportFiles }: Edges,
  { user, certificate, keyPem, password, notAfter }: Opened,
): Promise<Omit<RevealedCredentials, 'rotation'>> {
  const pem = {
    username: user.username,
    certificatePem: certificatePem(certificate),
    keyPem,
    caPem: toPem(await authorities.certificates(user.project)),
  };
  return { ...pem, password, notAfter, files: await exportFiles(pem) };
}

/** Judged before anything is opened, and again where it is decided. */
async function requireRevealable(
  edges: Edges,
  { order, ground }: { readonly order: RevealOrder; readonly ground: AccessGround },
  executor: Kysely<Schema>,
): Promise<{
  readonly rotation: Rotation;
  readonly user: ServiceUser & { readonly pair: CurrentPair };
}> {
  const rotation = await findRotation(edges, order, executor);
  if (!rotation) throw rotationUnknown();
  judgeReveal(rotation, {
    userId: order.userId,
    isMember: memberOf(ground.group, order.userId) !== undefined,
    now: edges.clock(),
  });
  const { user } = requireRotatable(ground);
  const { credentials } = rotation;
  if (credentials && !(await resultStore.isGood(credentials.certificateSha256, executor)))
    throw worthless();
  return { rotation, user };
}

function findRotation(
  { rotations }: Pick<Edges, 'rotations'>,
  { accessId, rotationId: id }: RevealOrder,
  executor: Kysely<Schema>,
): Promise<Rotation | undefined> {
  return rotations.find({ accessId, id }, executor);
}

interface HandOver {
  readonly order: RevealOrder;
  readonly ground: AccessGround & {
    readonly user: ServiceUser & { readonly pair: CurrentPair };
  };
  readonly rotation: Rotation;
  readonly credentials: NewCredentials;
}

async function handOver(edges: Edges, handed: HandOver, trx: Kysely<Schema>): Promise<void> {
  const { users, tell, clock, graceSeconds } = edges;
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
}

/** At once all that was before; else only what the periodic renewal had made meanwhile, which nobody has. */
function toRevoke({ rotation, ground }: HandOver, old: readonly string[]): readonly string[] {
  if (rotation.revokeOld === 'at_once') return old;
  const { pair, isWithheld } = ground.user;
  return isWithheld && pair.sealedKey !== null ? [pair.sha256] : [];
}
