import type { Kysely } from 'kysely';
import { prepare } from '../storage/prepared.js';
import type { Placeholders } from '../storage/prepared.js';
import type { Schema } from '../storage/schema.js';
import { fromRow } from './authority-store.js';
import type { StoredAuthority } from './authority-store.js';
import { gatewayPurpose } from './hold-authorities.js';

/** The SQL of authorities that relying parties name, those of the gateway itself apart. */
export interface ServedAuthorityStore {
  find(id: string): Promise<StoredAuthority | undefined>;
  /** The oldest first. The hash in lower-case hex, over the bits of the key. */
  findByKey(key: {
    readonly digest: 'sha1' | 'sha256';
    readonly hash: string;
  }): Promise<StoredAuthority[]>;
}

const findById = prepare((db, p: Placeholders<{ id: string }>) =>
  selectServed(db).where('id', '=', p('id')),
);

const findByKey = {
  sha1: prepare((db, p: Placeholders<{ hash: string }>) =>
    selectServed(db).where('key_sha1', '=', p('hash')),
  ),
  sha256: prepare((db, p: Placeholders<{ hash: string }>) =>
    selectServed(db).where('key_sha256', '=', p('hash')),
  ),
};

/** Makes the store of one database. Every query uses an index, however many projects there are. */
export function makeServedAuthorityStore(db: Kysely<Schema>): ServedAuthorityStore {
  return {
    find: async (id) => {
      const row = await findById.first(db, { id });
      return row && fromRow(row);
    },
    findByKey: async ({ digest, hash }) =>
      (await findByKey[digest].run(db, { hash })).map((row) => fromRow(row)),
  };
}

function selectServed(db: Kysely<Schema>) {
  return db
    .selectFrom('authorities')
    .selectAll()
    .where('purpose', '!=', gatewayPurpose)
    .orderBy('created_at')
    .orderBy('id');
}
