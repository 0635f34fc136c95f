import type { Kysely, RawBuilder } from 'kysely';
import { sql } from 'kysely';
import type { RevocationReason } from '../pki/revocation-reason.js';
import { isRevocationReason } from '../pki/revocation-reason.js';
import { asSerialNumber } from '../pki/der.js';
import type { SerialNumber } from '../pki/der.js';
import type { Schema } from '../storage/schema.js';

/** An entry of a revocation list. */
export interface RevokedEntry {
  readonly serial: SerialNumber;
  readonly revokedAt: number;
  readonly reason: RevocationReason;
}

/** Revokes one certificate; whether this call did it. */
export async function markRevoked(
  trx: Kysely<Schema>,
  change: { readonly sha256: string; readonly reason: RevocationReason; readonly now: number },
): Promise<boolean> {
  const result = await trx
    .updateTable('certificates')
    .set({ revoked_at: change.now, revocation_reason: change.reason })
    .where('sha256', '=', change.sha256)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/**
 * Revokes every descendant of a certificate for keyCompromise and returns how many. A pass locks what it revokes, so
 * a successor that was put on record meanwhile is seen by the next pass; it ends when a pass finds nothing.
 */
export async function markDescendantsCompromised(
  trx: Kysely<Schema>,
  change: { readonly sha256: string; readonly now: number },
): Promise<number> {
  let revoked = 0;
  for (;;) {
    const result = await trx
      .updateTable('certificates')
      .set({ revoked_at: change.now, revocation_reason: 'keyCompromise' })
      .where('sha256', 'in', descendantsOf(change.sha256))
      .where('revoked_at', 'is', null)
      .executeTakeFirst();
    if (result.numUpdatedRows === 0n) return revoked;
    revoked += Number(result.numUpdatedRows);
  }
}

/** Marks the keys of a compromised certificate and its descendants: none of them is accepted again. */
export async function markKeysCompromised(
  trx: Kysely<Schema>,
  change: { readonly sha256: string; readonly now: number },
): Promise<void> {
  const keys = trx
    .selectFrom('certificates')
    .select('spki_sha256')
    .where((where) =>
      where.or([
        where('sha256', '=', change.sha256),
        where('sha256', 'in', descendantsOf(change.sha256)),
      ]),
    );
  await trx
    .updateTable('public_keys')
    .set({ compromised_at: change.now })
    .where('spki_sha256', 'in', keys)
    .where('compromised_at', 'is', null)
    .execute();
}

/** Unexpired revoked certificates of an authority, by serial number. */
export async function listRevoked(
  db: Kysely<Schema>,
  filter: { readonly authorityId: string; readonly now: number },
): Promise<RevokedEntry[]> {
  const rows = await db
    .selectFrom('certificates')
    .select(['serial', 'revoked_at', 'revocation_reason'])
    .where('authority_id', '=', filter.authorityId)
    .where('revoked_at', 'is not', null)
    .where('not_after', '>=', filter.now)
    .where('origin', '=', 'issued')
    .orderBy('serial')
    .execute();
  return rows.map((row) => {
    const reason = row.revocation_reason ?? 'unspecified';
    if (!isRevocationReason(reason) || row.revoked_at === null)
      throw new Error('a revocation on record is damaged');
    return { serial: asSerialNumber(row.serial), revokedAt: row.revoked_at, reason };
  });
}

/** When an authority's latest revocation was, in seconds UTC. */
export async function latestRevocation(
  db: Kysely<Schema>,
  authorityId: string,
): Promise<number | undefined> {
  const row = await db
    .selectFrom('certificates')
    .select('revoked_at')
    .where('authority_id', '=', authorityId)
    .where('revoked_at', 'is not', null)
    .orderBy('revoked_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.revoked_at ?? undefined;
}

/** A query for the SHA-256 of every successor of a certificate, by the links from each to its predecessor. */
function descendantsOf(sha256: string): RawBuilder<string> {
  return sql`(
    with recursive descendants(sha256) as (
      select sha256 from certificates where predecessor = ${sha256}
      union
      select c.sha256 from certificates c join descendants d on c.predecessor = d.sha256
    )
    select sha256 from descendants)`;
}
