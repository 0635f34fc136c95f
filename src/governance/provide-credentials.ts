import type { Kysely } from 'kysely';
import type { IssuePair } from '../credentials/issue-pair.js';
import type { FindRenewalSettings } from '../credentials/renewal-settings.js';
import type { Secrets } from '../credentials/secrets.js';
import type { CurrentPair } from '../credentials/service-user.js';
import type { Clock, Log } from '../edges.js';
import { Failure } from '../failure.js';
import type { ChangeOrigin, InTransaction } from '../people/record-change.js';
import { isUnavailable } from '../storage/database-errors.js';
import type { Schema } from '../storage/schema.js';
import { discardResult } from './discard-result.js';
import { addressesOf, readOwnerGroup } from './owner-group-store.js';
import { resultStore } from './result-store.js';
import { readGround, requireRotatable } from './rotation-ground.js';
import type { AccessGround, GroundEdges } from './rotation-ground.js';
import type { RotationStore } from './rotation-store.js';
import { rotationUnknown } from './rotation.js';
import type { Rotation } from './rotation.js';
import type { CredentialSealing } from './sealed-credentials.js';
import { detailOf } from './tell-rotation.js';
import type { TellRotation } from './tell-rotation.js';

export interface ProvideOrder extends ChangeOrigin {
  readonly organizationId: string;
  readonly accessId: string;
  readonly rotationId: string;
}

/** Gives the request as it is then: approved, or failed. */
export type ProvideCredentials = (order: ProvideOrder) => Promise<Rotation>;

interface Edges extends GroundEdges {
  readonly db: Kysely<Schema>;
  readonly transaction: InTransaction;
  readonly rotations: Pick<RotationStore, 'find' | 'take'>;
  readonly issuePair: IssuePair;
  readonly secrets: Pick<Secrets, 'newPassword' | 'openKey'>;
  readonly sealing: CredentialSealing;
  readonly findRenewalSettings: FindRenewalSettings;
  readonly tell: TellRotation;
  /** How long the requester may take to have them revealed. */
  readonly lapseSeconds: number;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Makes the credentials of an approved request: a new key and certificate as a renewal makes them, and a password, all
 * sealed for one reveal. The user goes on with the old ones until then. An older result that nobody has seen is erased.
 * Where they cannot be made the request has failed, and the access is free; where the record does not answer the request
 * stays as it is, and the next try goes on from there.
 */
export function makeProvideCredentials(edges: Edges): ProvideCredentials {
  return async (order) => {
    const ground = await readGround(edges, order, edges.db);
    const rotation = await current(edges, order);
    if (rotation.state !== 'provisioning') return rotation;
    try {
      await provide(edges, { ...order, ground, rotation });
    } catch (error) {
      if (isUnavailable(error)) throw error;
      // Another gateway may have been quicker: then nothing has failed.
      if ((await current(edges, order)).state === 'provisioning')
        await fail(edges, { ...order, ground, rotation, error });
    }
    return current(edges, order);
  };
}

interface Provision extends ProvideOrder {
  readonly ground: AccessGround;
  readonly rotation: Rotation;
}

async function current(
  { rotations }: Pick<Edges, 'rotations'>,
  { accessId, rotationId: id }: ProvideOrder,
  executor?: Kysely<Schema>,
): Promise<Rotation> {
  const rotation = await rotations.find({ accessId, id }, executor);
  if (!rotation) throw rotationUnknown();
  return rotation;
}

async function provide(edges: Edges, order: Provision): Promise<void> {
  const { ground, rotation, actor, requestId } = order;
  const { access } = ground;
  const { user, service } = requireRotatable(ground);
  const { validitySeconds } = await edges.findRenewalSettings(service);
  const { requester } = await addressesOf(rotation, edges.db);
  await edges.issuePair({
    user,
    validitySeconds,
    follows: user.pair.sha256,
    event: {
      action: 'rotation.provided',
      actor,
      requestId,
      detail: detailOf({ access, rotation }, requester),
    },
    alongside: (trx, pair) => keep(edges, order, { pair, trx }),
  });
}

/** In the transaction that records the certificate: an older result goes, this one waits, and people are told. */
async function keep(
  edges: Edges,
  order: Provision,
  { pair, trx }: { readonly pair: CurrentPair; readonly trx: Kysely<Schema> },
): Promise<void> {
  const { sealing, secrets, clock, tell, lapseSeconds } = edges;
  const { rotation, actor, requestId } = order;
  const { access } = order.ground;
  const { sealedKey, ...made } = pair;
  if (sealedKey === null) throw new Error('new credentials have no key');
  await discardOlder(edges, order, trx);
  const credentials = {
    ...made,
    password: secrets.newPassword(),
    keyPem: secrets.openKey(sealedKey, access.user.id),
  };
  const isKept = await resultStore.provide(
    {
      id: rotation.id,
      certificateSha256: pair.sha256,
      lapseAt: Math.min(clock() + lapseSeconds, pair.notAfter),
      ...sealing.seal(credentials, rotation.id),
    },
    trx,
  );
  if (!isKept) throw new Failure('state-conflict', 'The request is not provisioning any more.');
  const news = {
    access,
    group: await readOwnerGroup(access.ownerGroupId, trx),
    rotation: await current(edges, order, trx),
    action: 'rotation.provided',
    kinds: ['credentials-ready', 'rotation-approved'],
    isOnRecord: true,
  } as const;
  await tell({ ...news, actor, requestId }, trx);
}

/** G12: what nobody has seen of an older request is erased, and those hear it who counted on it. */
async function discardOlder(
  { rotations, clock, tell }: Edges,
  { ground: { access }, rotation: { id: replacedBy }, actor, requestId }: Provision,
  trx: Kysely<Schema>,
): Promise<void> {
  for (const result of await resultStore.listWaiting(access.id, trx)) {
    if (!(await discardResult({ access, result, now: clock() }, trx))) continue;
    const rotation = await rotations.find({ accessId: access.id, id: result.id }, trx);
    if (!rotation) throw rotationUnknown();
    const news = {
      access,
      group: await readOwnerGroup(access.ownerGroupId, trx),
      rotation,
      action: 'rotation.credentials-lapsed',
      kinds: ['credentials-lapsed'],
      certificate: result.certificateSha256,
      detail: { replacedBy },
    } as const;
    await tell({ ...news, actor, requestId }, trx);
  }
}

async function fail(
  { transaction, rotations, tell, log }: Edges,
  { ground, rotation, error, actor, requestId, ...name }: Provision & { readonly error: unknown },
): Promise<void> {
  const isRefused = error instanceof Failure;
  const { id } = rotation;
  if (!isRefused) log.error({ err: error, rotation: id }, 'new credentials could not be made');
  const failure = isRefused ? error.message : 'A fault of the gateway: its log says more.';
  await transaction(async (trx) => {
    if (!(await rotations.take({ id, step: 'fail', facts: { failure } }, trx))) return;
    const { access } = ground;
    const news = {
      access,
      group: await readOwnerGroup(access.ownerGroupId, trx),
      rotation: await current({ rotations }, { ...name, actor }, trx),
      action: 'rotation.failed',
      kinds: ['rotation-failed'],
    } as const;
    await tell({ ...news, actor, requestId }, trx);
  });
}
