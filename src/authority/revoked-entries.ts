import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { prepare } from '../storage/prepared.js';
import type { Placeholders } from '../storage/prepared.js';
import type { Schema } from '../storage/schema.js';

/** Whose entries, and of certificates that were unexpired at what time: seconds UTC. */
export interface RevokedFilter {
  readonly authorityId: string;
  readonly unexpiredAt: number;
}

/** An authority's revoked certificates by serial number, in pages of lines as EncodeRevokedEntries reads them. */
export type ReadRevoked = (filter: RevokedFilter) => AsyncIterable<string>;

/** So many that a page costs little, and so few that nobody waits long behind one on SQLite. */
const pageLength = 3000;

/** Reads page after page by the last serial number, so that no connection is held between two of them. */
export function makeReadRevoked(db: Kysely<Schema>): ReadRevoked {
  return async function* readRevoked(filter) {
    for (let after = ''; ;) {
      const page = await readPage.first(db, { ...filter, after, pageLength });
      const lines = page?.lines ?? '';
      if (lines === '') return;
      yield lines;
      after = lines.slice(lines.lastIndexOf('\n', lines.length - 2) + 1).split(' ', 1)[0] ?? '';
    }
  };
}

/**
 * The database writes the lines: a row for each certificate would take three times as long. `issued` and the line feed
 * stand in the text of the query, for the partial index holds all that it needs. Adopted certificates share serial
 * numbers and never enter a list.
 */
const readPage = prepare(
  (db, p: Placeholders<RevokedFilter & { after: string; pageLength: number }>) =>
    db
      .selectFrom((from) =>
        from
          .selectFrom('certificates')
          .select(
            sql<string>`serial || ' ' || revoked_at || ' ' || coalesce(revocation_reason, 'unspecified') || ${sql.lit('\n')}`.as(
              'line',
            ),
          )
          .where('authority_id', '=', p('authorityId'))
          .where('serial', '>', p('after'))
          .where('not_after', '>=', p('unexpiredAt'))
          .where('revoked_at', 'is not', null)
          .where('origin', '=', sql.lit('issued' as const))
          .orderBy('serial')
          .limit(p('pageLength'))
          .as('entry'),
      )
      .select(sql<string | null>`string_agg(line, '')`.as('lines')),
);
