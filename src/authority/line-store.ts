import type { Kysely } from 'kysely';
import type { AuthorityState, Schema } from '../storage/schema.js';
import { isClientKind } from './certificate-kinds.js';
import type { ClientKind } from './certificate-kinds.js';

/** A line: a certificate and its successors, named by the SHA-256 of its first. All of it has one holder. */
export interface LineName {
  readonly line: string;
  readonly kind: string;
  readonly holder: string;
}

/** What is to be known of a certificate to judge its line. Times in seconds UTC. */
export interface LineMember extends LineName {
  readonly kind: ClientKind;
  readonly sha256: string;
  readonly predecessor: string | null;
  readonly issuedAt: number;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly revokedAt: number | null;
  readonly authorityState: AuthorityState;
}

export interface LineStore {
  /** Every client's certificate of a holder, of one line where it is given. */
  membersOf(filter: {
    readonly holder: string;
    readonly line?: string | undefined;
  }): Promise<LineMember[]>;
  /** Whether a line that had lapsed with `sha256` has gone on since, or is valid at `now`, in seconds. */
  hasGoneOn(
    lapsed: LineName & { readonly sha256: string },
    now: number,
    trx: Kysely<Schema>,
  ): Promise<boolean>;
  /** Whether any key of the line was compromised. */
  hasCompromisedKey(name: LineName, trx: Kysely<Schema>): Promise<boolean>;
}

/** The SQL of lines; found by their holder, who has an index. */
export function makeLineStore(db: Kysely<Schema>): LineStore {
  return {
    membersOf: async ({ holder, line }) => {
      let query = db
        .selectFrom('certificates as c')
        .innerJoin('authorities as a', 'a.id', 'c.authority_id')
        .select([
          'c.sha256',
          'c.predecessor',
          'c.line',
          'c.kind',
          'c.holder',
          'c.issued_at as issuedAt',
          'c.not_before as notBefore',
          'c.not_after as notAfter',
          'c.revoked_at as revokedAt',
          'a.state as authorityState',
        ])
        .where('c.holder', '=', holder);
      if (line !== undefined) query = query.where('c.line', '=', line);
      const rows = await query.execute();
      return rows.flatMap(({ kind, ...row }) => (isClientKind(kind) ? [{ ...row, kind }] : []));
    },
    hasGoneOn: async ({ sha256, ...name }, now, trx) => {
      const row = await inLine(trx, name)
        .innerJoin('authorities as a', 'a.id', 'c.authority_id')
        .where((where) =>
          where.or([
            where('c.predecessor', '=', sha256),
            where.and([
              where('c.not_after', '>=', now),
              where('c.revoked_at', 'is', null),
              where('a.state', '!=', 'retired'),
            ]),
          ]),
        )
        .executeTakeFirst();
      return row !== undefined;
    },
    hasCompromisedKey: async (name, trx) => {
      const row = await inLine(trx, name)
        .innerJoin('public_keys as k', 'k.spki_sha256', 'c.spki_sha256')
        .where('k.compromised_at', 'is not', null)
        .executeTakeFirst();
      return row !== undefined;
    },
  };
}

function inLine(trx: Kysely<Schema>, { line, kind, holder }: LineName) {
  return trx
    .selectFrom('certificates as c')
    .select('c.sha256')
    .where('c.holder', '=', holder)
    .where('c.kind', '=', kind)
    .where('c.line', '=', line)
    .limit(1);
}
