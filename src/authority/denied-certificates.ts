import type { Kysely } from 'kysely';
import type { Clock } from '../edges.js';
import type { RevocationReason } from '../pki/revocation-reason.js';
import type { Schema } from '../storage/schema.js';

/** Certificates that are revoked without being on record: noted, so that they are not taken onto it later. */
export interface DeniedCertificates {
  has(sha256: string, executor?: Kysely<Schema>): Promise<boolean>;
  /** Notes at most a few hundred; returns those that were not noted before. */
  add(
    certificates: { readonly sha256s: readonly string[]; readonly reason: RevocationReason },
    trx: Kysely<Schema>,
  ): Promise<string[]>;
}

/** The SQL of denied certificates. */
export function makeDeniedCertificates(db: Kysely<Schema>, clock: Clock): DeniedCertificates {
  return {
    has: async (sha256, executor = db) => {
      const row = await executor
        .selectFrom('denied_certificates')
        .select('sha256')
        .where('sha256', '=', sha256)
        .executeTakeFirst();
      return row !== undefined;
    },
    add: async ({ sha256s, reason }, trx) => {
      if (sha256s.length === 0) return [];
      const deniedAt = clock();
      const rows = await trx
        .insertInto('denied_certificates')
        .values(sha256s.map((sha256) => ({ sha256, reason, denied_at: deniedAt })))
        .onConflict((conflict) => conflict.doNothing())
        .returning('sha256')
        .execute();
      return rows.map(({ sha256 }) => sha256);
    },
  };
}
