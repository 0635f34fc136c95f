import type { Kysely } from 'kysely';
import type { Clock, Log } from '../edges.js';
import type { InTransaction } from '../people/record-change.js';
import { isUnavailable } from '../storage/database-errors.js';
import { retryTransient } from '../storage/retry-transient.js';
import type { Schema } from '../storage/schema.js';
import { discardResult, revokeAll } from './discard-result.js';
import { dueReasons } from './due-rotation-store.js';
import type { DueRotation, DueRotationStore } from './due-rotation-store.js';
import { readOwnerGroup } from './owner-group-store.js';
import type { ProvideCredentials } from './provide-credentials.js';
import type { RotationStore } from './rotation-store.js';
import type { TellRotation } from './tell-rotation.js';

/** Does what has come due of all requests; `mayGoOn` is asked before each one. Gives how many there were. */
export type TendRotations = (mayGoOn: () => Promise<boolean>) => Promise<number>;

interface Edges {
  readonly transaction: InTransaction;
  readonly store: DueRotationStore;
  readonly rotations: Pick<RotationStore, 'take' | 'find'>;
  readonly provide: ProvideCredentials;
  readonly tell: TellRotation;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Pending requests lapse, unrevealed credentials are erased, certificates are revoked whose grace is over, and what a
 * gateway left provisioning when it died is provided. Each stands in a transaction of its own and is judged there again;
 * one that cannot be done keeps none of the others waiting. Throws where the database is away.
 */
export function makeTendRotations(edges: Edges): TendRotations {
  const { clock, log } = edges;
  return async (mayGoOn) => {
    let done = 0;
    for await (const due of allDue(edges.store, clock())) {
      if (!(await mayGoOn())) return done;
      try {
        await take(edges, due);
        done += 1;
      } catch (err) {
        if (isUnavailable(err)) throw err;
        log.error({ err, rotation: due.rotation.id }, 'a rotation request could not be tended');
      }
    }
    return done;
  };
}

/** Page by page: those that cannot be done are passed by, however many they are. */
async function* allDue(
  store: Pick<DueRotationStore, 'list'>,
  now: number,
): AsyncGenerator<DueRotation> {
  for (const because of dueReasons) {
    let page = await store.list({ because, now, after: '' });
    for (;;) {
      yield* page;
      const last = page.at(-1);
      if (!last) break;
      page = await store.list({ because, now, after: last.rotation.id });
    }
  }
}

async function take(edges: Edges, due: DueRotation): Promise<void> {
  const { access, rotation, because } = due;
  if (because === 'provisioning') {
    const { organizationId, id: accessId } = access;
    await edges.provide({ organizationId, accessId, rotationId: rotation.id, actor: 'gateway' });
    return;
  }
  await retryTransient(() =>
    edges.transaction(async (trx) => {
      switch (because) {
        case 'undecided':
          return lapseRequest(edges, due, trx);
        case 'unrevealed':
          return lapseCredentials(edges, due, trx);
        case 'grace-over':
          return revokeOld(edges, due, trx);
      }
    }),
  );
}

async function lapseRequest(edges: Edges, due: DueRotation, trx: Kysely<Schema>): Promise<void> {
  const { id } = due.rotation;
  if (!(await edges.rotations.take({ id, step: 'lapse' }, trx))) return;
  await tellOf(edges, { due, action: 'rotation.lapsed', kinds: ['rotation-lapsed'] }, trx);
}

async function lapseCredentials(
  edges: Edges,
  due: DueRotation,
  trx: Kysely<Schema>,
): Promise<void> {
  const { access, rotation } = due;
  const { id, credentials } = rotation;
  if (!credentials) throw new Error('credentials are to lapse that are not there');
  const { certificateSha256 } = credentials;
  const result = { id, certificateSha256 };
  if (!(await discardResult({ access, result, now: edges.clock() }, trx))) return;
  const certificate = certificateSha256;
  const kinds = ['credentials-lapsed'] as const;
  await tellOf(edges, { due, action: 'rotation.credentials-lapsed', kinds, certificate }, trx);
}

async function revokeOld(edges: Edges, due: DueRotation, trx: Kysely<Schema>): Promise<void> {
  const { access, rotation } = due;
  const certificates = await edges.store.takeOld(rotation.id, trx);
  const revoked = await revokeAll({ access, certificates, now: edges.clock() }, trx);
  if (revoked.length === 0) return;
  await tellOf(edges, { due, action: 'rotation.old-revoked', kinds: [], detail: { revoked } }, trx);
}

async function tellOf(
  { rotations, tell }: Edges,
  {
    due: { access, rotation },
    ...news
  }: { readonly due: DueRotation } & Pick<
    Parameters<TellRotation>[0],
    'action' | 'kinds' | 'certificate' | 'detail'
  >,
  trx: Kysely<Schema>,
): Promise<void> {
  const now = await rotations.find({ accessId: access.id, id: rotation.id }, trx);
  const group = await readOwnerGroup(access.ownerGroupId, trx);
  await tell({ ...news, access, group, rotation: now ?? rotation, actor: 'gateway' }, trx);
}
