import type { Kysely, SelectQueryBuilder } from 'kysely';
import type { Schema } from '../storage/schema.js';
import { clientKinds } from './certificate-kinds.js';

/** A client's line of certificates that depends on one authority. Times in seconds UTC. */
export interface LeftBehind {
  readonly holder: string;
  readonly kind: string;
  /** End of its last certificate. */
  readonly notAfter: number;
}

/** Some of those who depend, or all. */
export interface FirstLeft {
  readonly dependents: readonly LeftBehind[];
  readonly isAll: boolean;
}

/** Whom a roll-over of the gateway's authorities would cut off; asked before each step. */
export interface LeftBehindStore {
  /** Lines whose every good certificate is of this authority: its retirement would cut them off. */
  findDependents(authorityId: string, now: number): Promise<LeftBehind[]>;
  /** The first of them by name, out of this many certificates. */
  findFirstDependents(authorityId: string, now: number, certificates: number): Promise<FirstLeft>;
  /**
   * Lines that got their last certificate, and the published bundle with it, before `since`. With one that was issued
   * elsewhere nobody got a bundle.
   */
  findUntold(since: number, now: number): Promise<LeftBehind[]>;
}

/** The SQL of those whom a roll-over has not reached. */
export function makeLeftBehindStore(db: Kysely<Schema>): LeftBehindStore {
  const good = (now: number) =>
    db
      .selectFrom('certificates as c')
      .where('c.kind', 'in', clientKinds)
      .where('c.not_after', '>=', now)
      .where('c.revoked_at', 'is', null);
  const goodLines = (from: ReturnType<typeof good>) =>
    from
      .select(({ fn }) => ['c.holder', 'c.kind', fn.max('c.not_after').as('not_after')])
      .groupBy(['c.line', 'c.holder', 'c.kind'])
      .orderBy('c.holder')
      .orderBy('c.line');
  return {
    findDependents: async (authorityId, now) =>
      (await goodLines(dependingOn(good(now), authorityId, now)).execute()).map(fromRow),
    findFirstDependents: async (authorityId, now, certificates) => {
      // Ungrouped, so that it goes along the index of holders and no further than it has to.
      const rows = await dependingOn(good(now), authorityId, now)
        .select(['c.holder', 'c.kind', 'c.line', 'c.not_after'])
        .orderBy('c.holder')
        .orderBy('c.kind')
        .orderBy('c.not_after')
        .limit(certificates)
        .execute();
      const lines = new Map(rows.map((row) => [row.line, fromRow(row)]));
      return { dependents: [...lines.values()], isAll: rows.length < certificates };
    },
    findUntold: async (since, now) => {
      const rows = await goodLines(good(now))
        .having(
          ({ fn, ref, case: choose }) =>
            fn.max(choose().when('c.origin', '=', 'issued').then(ref('c.issued_at')).else(0).end()),
          '<',
          since,
        )
        .execute();
      return rows.map(fromRow);
    },
  };
}

/** Certificates of an authority whose line has no good one of another. */
function dependingOn<Row>(
  certificates: SelectQueryBuilder<Schema & { c: Schema['certificates'] }, 'c', Row>,
  authorityId: string,
  now: number,
) {
  return certificates
    .where('c.authority_id', '=', authorityId)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('certificates as s')
            .innerJoin('authorities as a', 'a.id', 's.authority_id')
            .select('s.sha256')
            .whereRef('s.holder', '=', 'c.holder')
            .whereRef('s.kind', '=', 'c.kind')
            .whereRef('s.line', '=', 'c.line')
            .where('s.authority_id', '!=', authorityId)
            .where('a.state', '!=', 'retired')
            .where('s.revoked_at', 'is', null)
            .where('s.not_after', '>=', now),
        ),
      ),
    );
}

function fromRow(row: { holder: string; kind: string; not_after: number }): LeftBehind {
  return { holder: row.holder, kind: row.kind, notAfter: row.not_after };
}
