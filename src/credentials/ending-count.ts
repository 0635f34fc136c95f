import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { soonSeconds } from '../authority/ending-soon.js';
import type { Month } from './month-ends.js';

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

/** The months over which is counted, and when; seconds UTC. */
export interface Span {
  readonly now: number;
  readonly months: readonly Month[];
}

/** The place of the month in which an end lies that stands in this column. */
export function monthOf(column: string, { months }: Span): RawBuilder<number> {
  const cases = months.map(
    ({ ends }, at) => sql`when ${sql.ref(column)} < ${ends} then ${sql.lit(at)}`,
  );
  return sql<number>`case ${sql.join(cases, sql` `)} else ${sql.lit(months.length)} end`;
}

type Age = Extract<EndingState, 'ended' | 'soon' | 'fine'>;

/** What the time alone says of an end that stands in this column. */
export function ageOf(column: string, { now }: Pick<Span, 'now'>): RawBuilder<Age> {
  const end = sql.ref(column);
  return sql<Age>`case when ${end} < ${now} then 'ended'
    when ${end} < ${now + soonSeconds} then 'soon' else 'fine' end`;
}
