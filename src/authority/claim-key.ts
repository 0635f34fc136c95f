import type { Kysely } from 'kysely';
import { prepare } from '../storage/prepared.js';
import type { Placeholders } from '../storage/prepared.js';
import { lockRows } from '../storage/row-lock.js';
import type { Schema } from '../storage/schema.js';

const holdKey = prepare((db, p: Placeholders<{ spkiSha256: string }>) =>
  lockRows(db, db.selectFrom('public_keys').selectAll().where('spki_sha256', '=', p('spkiSha256'))),
);

const insertKey = prepare(
  (db, p: Placeholders<{ spkiSha256: string; kind: string; holder: string }>) =>
    db
      .insertInto('public_keys')
      .values({
        spki_sha256: p('spkiSha256'),
        kind: p('kind'),
        holder: p('holder'),
        compromised_at: null,
      })
      .onConflict((conflict) => conflict.doNothing()),
);

/**
 * A key has one holder for ever. It is written once: who has it already only holds its row, which a revocation for
 * keyCompromise changes. `taken`: it is somebody else's, or was compromised.
 */
export async function claimKey(
  trx: Kysely<Schema>,
  key: { readonly spkiSha256: string; readonly kind: string; readonly holder: string },
): Promise<'new' | 'own' | 'taken'> {
  const { spkiSha256, kind, holder } = key;
  const known = await holdKey.first(trx, { spkiSha256 });
  if (!known && (await insertKey.change(trx, { spkiSha256, kind, holder })) === 1) return 'new';
  const owner = known ?? (await holdKey.first(trx, { spkiSha256 }));
  const isOwn = owner?.kind === kind && owner.holder === holder && owner.compromised_at === null;
  return isOwn ? 'own' : 'taken';
}
