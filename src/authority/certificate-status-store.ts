import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { SerialNumber } from '../pki/der.js';
import type { CertificateStatus } from '../pki/ocsp-response.js';
import { isRevocationReason } from '../pki/revocation-reason.js';
import { prepare } from '../storage/prepared.js';
import type { Placeholders } from '../storage/prepared.js';
import type { Schema } from '../storage/schema.js';

/** What the record says of a certificate that one of its authorities issued under this serial number. */
export type FindStatus = (certificate: {
  readonly authorityId: string;
  readonly serial: SerialNumber;
}) => Promise<CertificateStatus>;

// `issued` stands in the text of the query: only then does SQLite use the partial index.
const findIssued = prepare((db, p: Placeholders<{ authorityId: string; serial: string }>) =>
  db
    .selectFrom('certificates')
    .select(['revoked_at', 'revocation_reason'])
    .where('authority_id', '=', p('authorityId'))
    .where('serial', '=', p('serial'))
    .where('origin', '=', sql.lit('issued' as const)),
);

/** The SQL of a certificate's status. Adopted certificates share serial numbers, so nothing is known of them by theirs. */
export function makeFindStatus(db: Kysely<Schema>): FindStatus {
  return async (certificate) => {
    const row = await findIssued.first(db, certificate);
    if (row === undefined) return { state: 'unknown' };
    if (row.revoked_at === null) return { state: 'good' };
    const reason = row.revocation_reason ?? 'unspecified';
    if (!isRevocationReason(reason)) throw new Error('a revocation on record is damaged');
    return { state: 'revoked', revokedAt: row.revoked_at, reason };
  };
}
