import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import { clientKinds } from '../authority/certificate-kinds.js';
import { soonSeconds } from '../authority/ending-soon.js';
import type { Clock } from '../edges.js';
import type { Schema } from '../storage/schema.js';
import { authorityExpiries } from './expiry-store.js';
import type { Expiry } from './expiry.js';
import { monthsFrom } from './month-ends.js';
import type { Month } from './month-ends.js';
import { hasCertificates, readJsonObject } from './service.js';

/** fine; its renewal waits for an acknowledgement; ends within 30 days; nobody renews it; has ended. */
export type EndingState = 'fine' | 'waiting' | 'soon' | 'unrenewed' | 'ended';

/** How many end in one month. */
export interface EndingCount {
  readonly kind: 'application' | 'service-user' | 'authority';
  /** null: the gateway's own. */
  readonly project: string | null;
  /** The place of the month in the list; that of the first for what has ended, and beyond the list what ends later. */
  readonly month: number;
  readonly state: EndingState;
  readonly count: number;
}

/** What ends over twelve months, of the whole gateway. */
export interface EndingMonths {
  /** Seconds UTC. */
  readonly countedAt: number;
  readonly months: readonly Month[];
  readonly counts: readonly EndingCount[];
}

export type CountEndingMonths = () => Promise<EndingMonths>;

const monthCount = 12;
const refreshSeconds = 60;

/**
 * Counts what ends when: an application by the last of its good certificates. Counted at most once a minute, however
 * many look; who looks while it is counted waits for the same count.
 */
export function makeCountEndingMonths(edges: {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
}): CountEndingMonths {
  const { db, clock } = edges;
  let last: EndingMonths | undefined;
  let underWay: Promise<EndingMonths> | undefined;
  return async () => {
    if (last && clock() < last.countedAt + refreshSeconds) return last;
    underWay ??= count(db, clock()).finally(() => {
      underWay = undefined;
    });
    last = await underWay;
    return last;
  };
}

async function count(db: Kysely<Schema>, now: number): Promise<EndingMonths> {
  const months = monthsFrom(now, monthCount);
  const counts = [
    ...(await countApplications(db, { now, months })),
    ...(await countUsers(db, 'not_after', { now, months })),
    ...(await countUsers(db, 'old_not_after', { now, months })),
    ...(await countAuthorities(db, { now, months })),
  ];
  return { countedAt: now, months, counts };
}

interface Span {
  readonly now: number;
  readonly months: readonly Month[];
}

async function countApplications(db: Kysely<Schema>, span: Span): Promise<EndingCount[]> {
  const ends = db
    .selectFrom('certificates')
    .select(({ fn }) => fn.max<number>('not_after').as('ends'))
    .where('kind', 'in', clientKinds)
    .where('revoked_at', 'is', null)
    .where('authority_id', 'not in', (from) =>
      from.selectFrom('authorities').select('id').where('state', '=', 'retired'),
    )
    .groupBy(['holder', 'kind']);
  const rows = await db
    .selectFrom(ends.as('latest'))
    .select([monthOf('ends', span).as('month'), ageOf('ends', span).as('age')])
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .groupBy(['month', 'age'])
    .execute();
  return rows.map(({ month, age, count: many }) => ({
    kind: 'application',
    project: null,
    month,
    state: age,
    count: many,
  }));
}

/** By the end of the certificate in use, or of the one before whose successor nobody has acknowledged. */
async function countUsers(
  db: Kysely<Schema>,
  end: 'not_after' | 'old_not_after',
  span: Span,
): Promise<EndingCount[]> {
  const rows = await db
    .selectFrom((from) =>
      from
        .selectFrom('service_users')
        .select(['project', 'service'])
        .select([monthOf(end, span).as('month'), ageOf(end, span).as('age')])
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where(end, '>', end === 'not_after' ? 0 : span.now)
        .groupBy(['project', 'service', 'month', 'age'])
        .as('u'),
    )
    .innerJoin('services as s', (join) =>
      join.onRef('s.project', '=', 'u.project').onRef('s.name', '=', 'u.service'),
    )
    .selectAll('u')
    .select(['s.is_powered', 's.type', 's.user_config'])
    .execute();
  return rows.map((row) => {
    const userConfig = readJsonObject(row.user_config);
    const isRenewed = row.is_powered === 1 && hasCertificates({ type: row.type, userConfig });
    const unrenewed = isRenewed || row.age === 'ended' ? row.age : 'unrenewed';
    const { project, month, count: many } = row;
    const state = end === 'old_not_after' ? 'waiting' : unrenewed;
    return { kind: 'service-user', project, month, state, count: many };
  });
}

/** Nobody renews an authority; one whose successor is there waits for it to be taken into use. */
async function countAuthorities(db: Kysely<Schema>, span: Span): Promise<EndingCount[]> {
  const { now, months } = span;
  const found = await authorityExpiries(db, undefined);
  const replaced = new Set(
    found.filter(({ state }) => state === 'pending').map(({ project }) => project),
  );
  const stateOf = ({ endsAt, project }: Expiry): EndingState => {
    if (endsAt < now) return 'ended';
    if (endsAt < now + soonSeconds) return 'soon';
    return replaced.has(project) ? 'waiting' : 'unrenewed';
  };
  return found.map((one) => ({
    kind: 'authority',
    project: one.project,
    month: Math.max(
      0,
      months.findIndex(({ ends }) => one.endsAt < ends),
      one.endsAt >= (months.at(-1)?.ends ?? 0) ? months.length : 0,
    ),
    state: stateOf(one),
    count: 1,
  }));
}

function monthOf(column: string, { months }: Span) {
  const cases = months.map(
    ({ ends }, at) => sql`when ${sql.ref(column)} < ${ends} then ${sql.lit(at)}`,
  );
  return sql<number>`case ${sql.join(cases, sql` `)} else ${sql.lit(months.length)} end`;
}

function ageOf(column: string, { now }: Span) {
  const end = sql.ref(column);
  return sql<'ended' | 'soon' | 'fine'>`case when ${end} < ${now} then 'ended'
    when ${end} < ${now + soonSeconds} then 'soon' else 'fine' end`;
}
