import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import { clientKinds, isClientKind } from '../authority/certificate-kinds.js';
import type { Schema } from '../storage/schema.js';
import { ageOf, monthOf } from './ending-count.js';
import type { EndingCount, Span } from './ending-count.js';
import type { UpcomingEnd } from './expiry.js';

/** Applications and runtimes by the last of their good certificates: how many end when, and those that end first. */
export interface EndingClients {
  readonly counts: readonly EndingCount[];
  readonly first: readonly UpcomingEnd[];
}

/** Both in one pass over the index of holders, which is what it costs. `most`: how many of the first. */
export async function countClients(
  db: Kysely<Schema>,
  span: Span,
  most: number,
): Promise<EndingClients> {
  const rows = await db
    .with(
      (latest) => latest('latest').materialized(),
      (from) =>
        from
          .selectFrom('certificates')
          .select(['holder', 'kind'])
          .select(({ fn }) => fn.max<number>('not_after').as('ends'))
          .where('kind', 'in', clientKinds)
          .where('revoked_at', 'is', null)
          .where('authority_id', 'not in', ({ selectFrom }) =>
            selectFrom('authorities').select('id').where('state', '=', 'retired'),
          )
          .groupBy(['holder', 'kind']),
    )
    .selectFrom('latest')
    .select([monthOf('ends', span).as('month'), ageOf('ends', span).as('age')])
    .select(({ fn }) => fn.countAll<number>().as('value'))
    .select([nothing.as('holder'), nothing.as('kind')])
    .groupBy(['month', 'age'])
    .unionAll(({ selectFrom }) =>
      selectFrom((from) =>
        from
          .selectFrom('latest')
          .select([sql<number>`-1`.as('month'), sql<'fine'>`'fine'`.as('age')])
          .select(['ends as value', 'holder', 'kind'])
          .where('ends', '>=', span.now)
          .orderBy('ends')
          .orderBy('holder')
          .limit(most)
          .as('first'),
      ).selectAll(),
    )
    .execute();
  const first = rows.flatMap(({ value: endsAt, holder, kind }): UpcomingEnd[] =>
    holder !== null && kind !== null && isClientKind(kind)
      ? [{ ...ofHolder, kind, endsAt, name: holder }]
      : [],
  );
  const counts = rows.flatMap(({ month, age: state, value: count, holder }): EndingCount[] =>
    holder === null ? [{ kind: 'application', project: null, month, state, count }] : [],
  );
  return { counts, first };
}

const nothing = sql<string | null>`null`;

const ofHolder = {
  project: null,
  service: null,
  accessId: null,
  state: 'current',
  toAct: 'holder',
} as const;
