import type { Kysely, UpdateResult } from 'kysely';
import type { RevocationReason } from '../pki/revocation-reason.js';
import type { Schema } from '../storage/schema.js';
import { slicesOf } from '../storage/slices.js';

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

/** Gives a revocation its graver reason afterwards; whether this call did it. */
export async function markCompromised(trx: Kysely<Schema>, sha256: string): Promise<boolean> {
  const result = await trx
    .updateTable('certificates')
    .set({ revocation_reason: 'keyCompromise' })
    .where('sha256', '=', sha256)
    .where('revocation_reason', '!=', 'keyCompromise')
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/**
 * Revokes for keyCompromise all that the holder of a compromised key could have got by it: every certificate with the
 * key and every successor, and so on with their keys; bars all of the keys. A pass waits for whoever is renewing what
 * it revokes, so the successors put on record meanwhile are seen by the next pass; it ends when a pass finds nothing
 * new.
 */
export async function markLineCompromised(
  trx: Kysely<Schema>,
  change: { readonly sha256: string; readonly holder: string; readonly now: number },
): Promise<{ readonly revoked: number; readonly barredKeys: number }> {
  const { sha256, now } = change;
  let revoked = 0;
  for (let known = -1; ;) {
    const certificates = await compromisedWith(trx, change);
    if (certificates.length === known) {
      const barredKeys = await barKeys(trx, { certificates: [sha256, ...certificates], now });
      return { revoked, barredKeys };
    }
    known = certificates.length;
    revoked += await revokeAll(trx, { certificates, now });
  }
}

/** By the links from each to its predecessor and by equal keys; all of them have the same holder. */
async function compromisedWith(
  trx: Kysely<Schema>,
  { sha256, holder }: { readonly sha256: string; readonly holder: string },
): Promise<string[]> {
  const rows = await trx
    .selectFrom('certificates')
    .select(['sha256', 'predecessor', 'spki_sha256'])
    .where('holder', '=', holder)
    .execute();
  const neighbours = new Map<string, string[]>();
  const connect = (from: string, to: string): void => {
    const known = neighbours.get(from);
    if (known) known.push(to);
    else neighbours.set(from, [to]);
  };
  for (const row of rows) {
    // A key stands between the certificates that have it, so that many of them stay few links.
    connect(row.sha256, `key ${row.spki_sha256}`);
    connect(`key ${row.spki_sha256}`, row.sha256);
    if (row.predecessor !== null) connect(row.predecessor, row.sha256);
  }
  const found = new Set([sha256]);
  for (const one of found) for (const next of neighbours.get(one) ?? []) found.add(next);
  found.delete(sha256);
  return [...found].filter((name) => !name.startsWith('key '));
}

interface Several {
  readonly certificates: readonly string[];
  readonly now: number;
}

function revokeAll(trx: Kysely<Schema>, { certificates, now }: Several): Promise<number> {
  return changeInSlices(certificates, (some) =>
    trx
      .updateTable('certificates')
      .set({ revoked_at: now, revocation_reason: 'keyCompromise' })
      .where('sha256', 'in', some)
      .where('revoked_at', 'is', null)
      .executeTakeFirst(),
  );
}

/** Bars the keys of certificates; how many were not barred yet. */
export function barKeys(trx: Kysely<Schema>, { certificates, now }: Several): Promise<number> {
  return changeInSlices(certificates, (some) =>
    trx
      .updateTable('public_keys')
      .set({ compromised_at: now })
      .where('spki_sha256', 'in', (keys) =>
        keys.selectFrom('certificates').select('spki_sha256').where('sha256', 'in', some),
      )
      .where('compromised_at', 'is', null)
      .executeTakeFirst(),
  );
}

/** One statement for each slice of the values; how many rows all of them changed. */
async function changeInSlices(
  values: readonly string[],
  change: (some: readonly string[]) => Promise<UpdateResult>,
): Promise<number> {
  let changed = 0;
  for (const some of slicesOf(values)) {
    const { numUpdatedRows } = await change(some);
    changed += Number(numUpdatedRows);
  }
  return changed;
}
