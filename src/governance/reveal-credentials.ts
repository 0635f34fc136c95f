import type { Kysely } from 'kysely';
import type { ProjectAuthorities } from '../authority/project-authorities.js';
import { toPem } from '../authority/chains.js';
import type { CredentialFile, ExportCredentials } from '../credentials/credential-files.js';
import { certificatePem } from '../credentials/service-user-answers.js';
import type { CurrentPair, ServiceUser } from '../credentials/service-user.js';
import { Failure } from '../failure.js';
import type { InTransaction } from '../people/record-change.js';
import { retryTransient } from '../storage/retry-transient.js';
import type { Schema } from '../storage/schema.js';
import { makeHandOver } from './hand-over-credentials.js';
import type { HandOverEdges, RevealOrder } from './hand-over-credentials.js';
import { memberOf } from './owner-group-store.js';
import { resultStore } from './result-store.js';
import { judgeReveal, worthless } from './reveal-policy.js';
import { holdGround, readGround, requireRotatable } from './rotation-ground.js';
import type { AccessGround, GroundEdges } from './rotation-ground.js';
import type { RotationStore } from './rotation-store.js';
import { rotationUnknown } from './rotation.js';
import type { Rotation } from './rotation.js';
import type { CredentialSealing, NewCredentials } from './sealed-credentials.js';

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

interface Edges extends GroundEdges, HandOverEdges {
  readonly db: Kysely<Schema>;
  readonly transaction: InTransaction;
  readonly rotations: Pick<RotationStore, 'find'>;
  readonly users: HandOverEdges['users'] & GroundEdges['users'];
  readonly authorities: Pick<ProjectAuthorities, 'certificates'>;
  readonly sealing: CredentialSealing;
  readonly exportFiles: ExportCredentials;
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
  const handOver = makeHandOver(edges);
  return async (order) => {
    const credentials = await open(edges, order);
    const answer = await prepareAnswer(edges, credentials);
    return retryTransient(() =>
      edges.transaction(async (trx) => {
        const ground = await holdGround(edges, order, trx);
        const { rotation, user } = await requireRevealable(edges, { order, ground }, trx);
        await handOver({ order, ground: { ...ground, user }, rotation, credentials }, trx);
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
