import type { Kysely, Selectable } from 'kysely';
import type { Schema } from '../storage/schema.js';
import type { Client } from './client.js';

/**
 * `pair` opens the info document or goes straight to a certificate; `enrol` is handed out by info, for a certificate
 * only; `recover` is as `pair`, for the next certificate of a line that has lapsed.
 */
export type TokenPurpose = 'pair' | 'enrol' | 'recover';

/** An enrolment token of a client as it is stored: by hash, never by value. Times in seconds UTC. */
export interface EnrolmentToken extends Client {
  readonly tokenSha256: string;
  readonly id: string;
  readonly purpose: TokenPurpose;
  /** SHA-256 of the lapsed certificate whose line it continues; null where it begins a line. */
  readonly predecessor: string | null;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly expiresAt: number;
  readonly usedAt: number | null;
  readonly withdrawnAt: number | null;
}

export interface TokenStore {
  insert(token: EnrolmentToken, trx?: Kysely<Schema>): Promise<void>;
  find(tokenSha256: string): Promise<EnrolmentToken | undefined>;
  /** Whether this call used the token; false when it was used, withdrawn or over. */
  use(tokenSha256: string, now: number, trx: Kysely<Schema>): Promise<boolean>;
  /** The token, where this call withdrew it. */
  withdraw(id: string, now: number, trx: Kysely<Schema>): Promise<EnrolmentToken | undefined>;
  /** Newest first. */
  list(limit: number): Promise<EnrolmentToken[]>;
  /** Of one client, newest first. */
  listOf(client: Client, limit: number): Promise<EnrolmentToken[]>;
  /** Forgets tokens that ended before. */
  forget(endedBefore: number): Promise<void>;
}

/** The SQL of enrolment tokens. */
export function makeTokenStore(db: Kysely<Schema>): TokenStore {
  return {
    insert: async (token, trx = db) => {
      await trx.insertInto('enrolment_tokens').values(toRow(token)).execute();
    },
    find: async (tokenSha256) => {
      const row = await db
        .selectFrom('enrolment_tokens')
        .selectAll()
        .where('token_sha256', '=', tokenSha256)
        .executeTakeFirst();
      return row && fromRow(row);
    },
    use: async (tokenSha256, now, trx) => {
      const result = await trx
        .updateTable('enrolment_tokens')
        .set({ used_at: now })
        .where('token_sha256', '=', tokenSha256)
        .where('used_at', 'is', null)
        .where('withdrawn_at', 'is', null)
        .where('expires_at', '>=', now)
        .executeTakeFirst();
      return result.numUpdatedRows === 1n;
    },
    withdraw: async (id, now, trx) => {
      const row = await trx
        .updateTable('enrolment_tokens')
        .set({ withdrawn_at: now })
        .where('id', '=', id)
        .where('used_at', 'is', null)
        .where('withdrawn_at', 'is', null)
        .returningAll()
        .executeTakeFirst();
      return row && fromRow(row);
    },
    list: async (limit) => {
      const rows = await db
        .selectFrom('enrolment_tokens')
        .selectAll()
        .orderBy('expires_at', 'desc')
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(fromRow);
    },
    listOf: (client, limit) => listOf(db, client, limit),
    forget: async (endedBefore) => {
      await db.deleteFrom('enrolment_tokens').where('expires_at', '<', endedBefore).execute();
    },
  };
}

async function listOf(
  db: Kysely<Schema>,
  { kind, application, tenant, group }: Client,
  limit: number,
): Promise<EnrolmentToken[]> {
  const rows = await db
    .selectFrom('enrolment_tokens')
    .selectAll()
    .where('application', '=', application)
    .where('kind', '=', kind)
    .where('tenant', tenant === null ? 'is' : '=', tenant)
    .where('tenant_group', group === null ? 'is' : '=', group)
    .orderBy('expires_at', 'desc')
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(fromRow);
}

function toRow(token: EnrolmentToken) {
  return {
    token_sha256: token.tokenSha256,
    id: token.id,
    purpose: token.purpose,
    kind: token.kind,
    application: token.application,
    tenant: token.tenant,
    tenant_group: token.group,
    predecessor: token.predecessor,
    created_at: token.createdAt,
    created_by: token.createdBy,
    expires_at: token.expiresAt,
    used_at: token.usedAt,
    withdrawn_at: token.withdrawnAt,
  };
}

function fromRow(row: Selectable<Schema['enrolment_tokens']>): EnrolmentToken {
  return {
    tokenSha256: row.token_sha256,
    id: row.id,
    purpose: row.purpose,
    kind: row.kind,
    application: row.application,
    tenant: row.tenant,
    group: row.tenant_group,
    predecessor: row.predecessor,
    createdAt: row.created_at,
    createdBy: row.created_by,
    expiresAt: row.expires_at,
    usedAt: row.used_at,
    withdrawnAt: row.withdrawn_at,
  };
}
