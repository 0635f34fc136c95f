import type { Kysely } from 'kysely';
import { lockRows } from '../storage/row-lock.js';
import type { Schema } from '../storage/schema.js';
import { transitionOf } from './rotation-policy.js';
import type { SealedCredentials } from './sealed-credentials.js';

/** Credentials that wait to be revealed. */
export interface WaitingResult extends SealedCredentials {
  readonly id: string;
  readonly certificateSha256: string;
}

/** What a reveal leaves on record; times in seconds UTC. */
interface Revealed {
  readonly id: string;
  readonly now: number;
  /** The certificates that are revoked later, and when; undefined where none is. */
  readonly revokeLater?: { readonly at: number; readonly certificates: readonly string[] };
}

export interface ResultStore {
  /** Ends the provisioning with its result; false where somebody else has ended it. */
  provide(
    result: SealedCredentials & {
      readonly id: string;
      readonly certificateSha256: string;
      readonly lapseAt: number;
    },
    trx: Kysely<Schema>,
  ): Promise<boolean>;
  /** Credentials as long as they wait; they never change meanwhile. */
  find(id: string, executor: Kysely<Schema>): Promise<WaitingResult | undefined>;
  /** The unrevealed results of an access, held until the transaction ends. */
  listWaiting(accessId: string, trx: Kysely<Schema>): Promise<WaitingResult[]>;
  /** Whether the certificate would be accepted: neither it nor its CA was withdrawn while it waited. */
  isGood(certificateSha256: string, trx: Kysely<Schema>): Promise<boolean>;
  /** Erases what is sealed; false where it was revealed or has lapsed. */
  reveal(order: Revealed, trx: Kysely<Schema>): Promise<boolean>;
  /** The same without a reveal. */
  lapse(id: string, trx: Kysely<Schema>): Promise<boolean>;
}

const erased = { sealed_data_key: null, sealed_credentials: null };

/** The SQL of what approved requests made, until it is revealed or lapses: changes it in a transaction alone. */
export const resultStore: ResultStore = {
  provide: async ({ id, certificateSha256, lapseAt, sealedDataKey, sealedCredentials }, trx) => {
    const { from, to } = transitionOf('provide');
    const result = await trx
      .updateTable('rotation_requests')
      .set({
        state: to,
        credentials_state: 'waiting',
        credentials_lapse_at: lapseAt,
        certificate_sha256: certificateSha256,
        sealed_data_key: sealedDataKey,
        sealed_credentials: sealedCredentials,
      })
      .where('id', '=', id)
      .where('state', '=', from)
      .executeTakeFirstOrThrow();
    return result.numUpdatedRows === 1n;
  },
  find: async (id, executor) => {
    const row = await selectWaiting(executor).where('id', '=', id).executeTakeFirst();
    return row && waitingOf(row);
  },
  listWaiting: async (accessId, trx) => {
    const query = selectWaiting(trx).where('access_id', '=', accessId).orderBy('id');
    return (await lockRows(trx, query).execute()).map(waitingOf);
  },
  isGood: async (certificateSha256, trx) => {
    const row = await trx
      .selectFrom('certificates as c')
      .innerJoin('authorities as a', 'a.id', 'c.authority_id')
      .select('c.sha256')
      .where('c.sha256', '=', certificateSha256)
      .where('c.revoked_at', 'is', null)
      .where('a.revoked_at', 'is', null)
      .where('a.state', '!=', 'retired')
      .executeTakeFirst();
    return row !== undefined;
  },
  reveal: async ({ id, now, revokeLater }, trx) => {
    const result = await trx
      .updateTable('rotation_requests')
      .set({ ...erased, credentials_state: 'revealed', revealed_at: now })
      .set({
        revoke_old_at: revokeLater?.at ?? null,
        old_certificates: revokeLater ? JSON.stringify(revokeLater.certificates) : null,
      })
      .where('id', '=', id)
      .where('credentials_state', '=', 'waiting')
      .executeTakeFirstOrThrow();
    return result.numUpdatedRows === 1n;
  },
  lapse: async (id, trx) => {
    const result = await trx
      .updateTable('rotation_requests')
      .set({ ...erased, credentials_state: 'lapsed' })
      .where('id', '=', id)
      .where('credentials_state', '=', 'waiting')
      .executeTakeFirstOrThrow();
    return result.numUpdatedRows === 1n;
  },
};

function selectWaiting(executor: Kysely<Schema>) {
  return executor
    .selectFrom('rotation_requests')
    .select(['id', 'certificate_sha256', 'sealed_data_key', 'sealed_credentials'])
    .where('credentials_state', '=', 'waiting');
}

function waitingOf(row: {
  id: string;
  certificate_sha256: string | null;
  sealed_data_key: string | null;
  sealed_credentials: string | null;
}): WaitingResult {
  const {
    certificate_sha256: certificateSha256,
    sealed_data_key: sealedDataKey,
    sealed_credentials: sealedCredentials,
  } = row;
  if (certificateSha256 === null || sealedDataKey === null || sealedCredentials === null)
    throw new Error('credentials wait that are not on record');
  return { id: row.id, certificateSha256, sealedDataKey, sealedCredentials };
}
