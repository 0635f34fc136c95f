import type { Kysely } from 'kysely';
import type { Clock } from '../edges.js';
import type { RevocationReason } from '../pki/revocation-reason.js';
import type { Schema } from '../storage/schema.js';

/** Certificates that are revoked without being on record: noted, so that they are not taken onto it later. */
export interface DeniedCertificates {
  /** Whether this call added it. */
  add(certificate: {
    readonly sha256: string;
    readonly reason: RevocationReason;
  }): Promise<boolean>;
}

/** The SQL of denied certificates. */
export function makeDeniedCertificates(db: Kysely<Schema>, clock: Clock): DeniedCertificates {
  return {
    add: async ({ sha256, reason }) => {
      const result = await db
        .insertInto('denied_certificates')
        .values({ sha256, reason, denied_at: clock() })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return result.numInsertedOrUpdatedRows === 1n;
    },
  };
}
