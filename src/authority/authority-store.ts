import type { Kysely, Selectable } from 'kysely';
import { readCertificate } from '../pki/certificate-facts.js';
import { issuerKeyHash } from '../pki/ocsp-request.js';
import type { Schema, AuthorityState } from '../storage/schema.js';
import { gatewayPurpose, holdAuthorities } from './hold-authorities.js';

/** An authority as it is stored. DER in base64; the key is sealed, or null where the operator keeps it in a file. */
export interface StoredAuthority {
  readonly id: string;
  readonly state: AuthorityState;
  readonly certificate: string;
  readonly chain: readonly string[];
  readonly sealedKey: string | null;
  readonly createdAt: number;
  readonly stateSince: number;
  /** When its next step is due by date, in seconds UTC. */
  readonly nextStepAt: number | null;
  /** Since when its certificates should be renewed at once. */
  readonly hintedAt: number | null;
  readonly revokedAt: number | null;
  readonly revocationReason: string | null;
}

/** An authority that is put on record; the rest follows from its state. */
export type NewAuthority = Pick<
  StoredAuthority,
  'id' | 'certificate' | 'chain' | 'sealedKey' | 'createdAt'
>;

export interface AuthorityStore {
  findActive(): Promise<StoredAuthority | undefined>;
  /** All of the purpose, the oldest first. */
  list(executor?: Kysely<Schema>): Promise<StoredAuthority[]>;
  /** Makes it the active one where there is none yet; of several replicas one succeeds: whether this did. */
  insertFirst(authority: NewAuthority, executor?: Kysely<Schema>): Promise<boolean>;
  /** Bars a key of an authority from every other use; false when it has another holder already. */
  claimKey(
    key: { readonly spkiSha256: string; readonly authorityId: string },
    executor?: Kysely<Schema>,
  ): Promise<boolean>;
  /** Makes it the active one, the one before is retiring from then on; false for one that was retired or revoked. */
  replaceActive(authority: NewAuthority): Promise<boolean>;
}

/** The SQL of the authorities of one purpose: the gateway's, or a project's. */
export function makeAuthorityStore(
  database: {
    readonly db: Kysely<Schema>;
    transaction<T>(work: (trx: Kysely<Schema>) => Promise<T>): Promise<T>;
  },
  purpose = gatewayPurpose,
): AuthorityStore {
  const { db } = database;
  return {
    findActive: async () => {
      const row = await db
        .selectFrom('authorities')
        .selectAll()
        .where('purpose', '=', purpose)
        .where('state', '=', 'active')
        .executeTakeFirst();
      return row && fromRow(row);
    },
    list: async (executor = db) => {
      const rows = await executor
        .selectFrom('authorities')
        .selectAll()
        .where('purpose', '=', purpose)
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      return rows.map(fromRow);
    },
    insertFirst: async (authority, executor = db) => {
      const result = await executor
        .insertInto('authorities')
        .values(toRow(authority, purpose))
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return result.numInsertedOrUpdatedRows === 1n;
    },
    claimKey: (key, executor = db) => claimKey(executor, key),
    replaceActive: (authority) =>
      database.transaction((trx) => replaceActive(trx, authority, purpose)),
  };
}

async function replaceActive(
  trx: Kysely<Schema>,
  authority: NewAuthority,
  purpose: string,
): Promise<boolean> {
  await holdAuthorities(trx, purpose);
  if (await isGone(trx, authority.id)) return false;
  await trx
    .updateTable('authorities')
    .set({ state: 'retiring', state_since: authority.createdAt, next_step_at: null })
    .where('purpose', '=', purpose)
    .where('state', '=', 'active')
    .execute();
  await trx
    .insertInto('authorities')
    .values(toRow(authority, purpose))
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet({
        state: 'active',
        state_since: authority.createdAt,
        next_step_at: null,
      }),
    )
    .execute();
  return true;
}

async function isGone(trx: Kysely<Schema>, id: string): Promise<boolean> {
  const row = await trx
    .selectFrom('authorities')
    .select(['state', 'revoked_at'])
    .where('id', '=', id)
    .executeTakeFirst();
  return row?.state === 'retired' || (row?.revoked_at ?? null) !== null;
}

async function claimKey(
  db: Kysely<Schema>,
  { spkiSha256, authorityId }: { readonly spkiSha256: string; readonly authorityId: string },
): Promise<boolean> {
  await db
    .insertInto('public_keys')
    .values({
      spki_sha256: spkiSha256,
      kind: 'authority',
      holder: authorityId,
      compromised_at: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const { kind } = await db
    .selectFrom('public_keys')
    .select('kind')
    .where('spki_sha256', '=', spkiSha256)
    .executeTakeFirstOrThrow();
  return kind === 'authority';
}

function toRow(authority: NewAuthority, purpose: string) {
  return {
    id: authority.id,
    purpose,
    state: 'active',
    certificate: authority.certificate,
    chain: authority.chain.join('\n'),
    sealed_key: authority.sealedKey,
    created_at: authority.createdAt,
    state_since: authority.createdAt,
    ...keyNames(authority),
  } as const;
}

/** The columns by which OCSP requests find it. */
export function keyNames({ certificate }: Pick<NewAuthority, 'certificate'>): {
  readonly key_sha1: string;
  readonly key_sha256: string;
} {
  const facts = readCertificate(Buffer.from(certificate, 'base64'));
  return { key_sha1: issuerKeyHash(facts, 'sha1'), key_sha256: issuerKeyHash(facts, 'sha256') };
}

/** An authority as its row has it. */
export function fromRow(row: Selectable<Schema['authorities']>): StoredAuthority {
  return {
    id: row.id,
    state: row.state,
    certificate: row.certificate,
    chain: row.chain === '' ? [] : row.chain.split('\n'),
    sealedKey: row.sealed_key,
    createdAt: row.created_at,
    stateSince: row.state_since ?? row.created_at,
    nextStepAt: row.next_step_at,
    hintedAt: row.hinted_at,
    revokedAt: row.revoked_at,
    revocationReason: row.revocation_reason,
  };
}
