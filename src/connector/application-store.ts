import { sql } from 'kysely';
import type { Kysely, SqlBool } from 'kysely';
import { clientKinds, isClientKind } from '../authority/certificate-kinds.js';
import { soonSeconds } from '../authority/ending-soon.js';
import { gatewayPurpose } from '../authority/hold-authorities.js';
import type { Schema } from '../storage/schema.js';
import type { Holder } from './client.js';

/** What a list of applications is filtered by. */
export const applicationFilters = [
  'valid',
  'ends-within-week',
  'ends-soon',
  'expired',
  'revoked',
] as const;
export type ApplicationFilter = (typeof applicationFilters)[number];

/** Where an application stands by the last of its certificates to end. */
export type ApplicationState = Exclude<ApplicationFilter, 'ends-within-week'>;

/** An application or a runtime in a list. */
export interface ListedApplication extends Holder {
  readonly state: ApplicationState;
  /** When its last good certificate ends, in seconds UTC; null where none is good but for its time. */
  readonly endsAt: number | null;
  /** How many it has had. */
  readonly certificates: number;
}

export interface ApplicationStore {
  /** By name, behind `after`. */
  list(page: {
    /** The beginning of the name. */
    readonly prefix: string;
    readonly state: ApplicationFilter | undefined;
    readonly after: string | undefined;
    readonly now: number;
    readonly limit: number;
  }): Promise<ListedApplication[]>;
  /** Whose certificates have a SHA-256 or a serial number that begins so. */
  findHolders(prefix: string, limit: number): Promise<(Holder & { readonly sha256: string })[]>;
}

const weekSeconds = 7 * 86_400;

type Page = Parameters<ApplicationStore['list']>[0];

/** The SQL of lists of applications; names and states stand in one index. */
export function makeApplicationStore(db: Kysely<Schema>): ApplicationStore {
  return {
    list: async (page) => {
      const rows = await selectApplications(db, page).execute();
      return rows.flatMap(({ kind, ...row }) =>
        isClientKind(kind) ? [{ ...row, kind, state: stateOf(row.endsAt, page.now) }] : [],
      );
    },
    findHolders: async (prefix, limit) => {
      const found = [
        ...(await findBy(db, 'sha256', prefix).limit(limit).execute()),
        ...(await findBy(db, 'serial', prefix)
          .where('origin', '=', 'issued')
          .where('authority_id', 'in', (from) =>
            from.selectFrom('authorities').select('id').where('purpose', '=', gatewayPurpose),
          )
          .limit(limit)
          .execute()),
        ...(await findBy(db, 'serial', prefix)
          .where('origin', '=', sql.lit('adopted'))
          .limit(limit)
          .execute()),
      ];
      return found
        .flatMap(({ kind, ...row }) => (isClientKind(kind) ? [{ ...row, kind }] : []))
        .slice(0, limit);
    },
  };
}

/** Along the index of holders, as far as the page goes. */
function selectApplications(db: Kysely<Schema>, { prefix, state, after, now, limit }: Page) {
  return db
    .selectFrom('certificates')
    .select(['holder', 'kind', endsAt.as('endsAt')])
    .select(({ fn }) => fn.countAll<number>().as('certificates'))
    .where('kind', 'in', clientKinds)
    .$if(prefix !== '', (query) =>
      query.where('holder', '>=', prefix).where('holder', '<', afterAll(prefix)),
    )
    .$if(after !== undefined, (query) => query.where('holder', '>', after ?? ''))
    .groupBy(['holder', 'kind'])
    .$if(state !== undefined, (query) => query.having(isIn(state ?? 'valid', now)))
    .orderBy('holder')
    .orderBy('kind')
    .limit(limit);
}

const endsAt = sql<number | null>`max(case when revoked_at is null and authority_id not in
  (select id from authorities where state = 'retired') then not_after end)`;

function isIn(state: ApplicationFilter, now: number) {
  const soon = now + soonSeconds;
  switch (state) {
    case 'valid':
      return sql<SqlBool>`${endsAt} >= ${soon}`;
    case 'ends-within-week':
      return sql<SqlBool>`${endsAt} >= ${now} and ${endsAt} < ${now + weekSeconds}`;
    case 'ends-soon':
      return sql<SqlBool>`${endsAt} >= ${now} and ${endsAt} < ${soon}`;
    case 'expired':
      return sql<SqlBool>`${endsAt} < ${now}`;
    case 'revoked':
      return sql<SqlBool>`${endsAt} is null`;
  }
}

/** The same of one that was read. Seconds UTC. */
function stateOf(end: number | null, now: number): ApplicationState {
  if (end === null) return 'revoked';
  if (end < now) return 'expired';
  return end < now + soonSeconds ? 'ends-soon' : 'valid';
}

function findBy(db: Kysely<Schema>, column: 'sha256' | 'serial', prefix: string) {
  return db
    .selectFrom('certificates')
    .select(['holder', 'kind', 'sha256'])
    .where(column, '>=', prefix)
    .where(column, '<', `${prefix}g`) // after the last hex digit
    .orderBy(column);
}

/** Above every text that begins so, byte by byte. */
function afterAll(prefix: string): string {
  return `${prefix}\u{10ffff}`;
}
