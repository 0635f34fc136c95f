import type { Kysely } from 'kysely';
import { soonSeconds } from '../authority/ending-soon.js';
import type { Clock } from '../edges.js';
import type { Schema } from '../storage/schema.js';
import { countClients } from './ending-clients.js';
import { ageOf, monthOf } from './ending-count.js';
import type { EndingCount, EndingState, Span } from './ending-count.js';
import { authorityExpiries } from './expiry-store.js';
import { firstOf } from './expiry.js';
import type { Expiry, UpcomingEnd } from './expiry.js';
import { monthsFrom } from './month-ends.js';
import type { Month } from './month-ends.js';
import { hasCertificates, readJsonObject } from './service.js';

/** What ends over twelve months, of the whole gateway. */
export interface EndingMonths {
  /** Seconds UTC. */
  readonly countedAt: number;
  readonly months: readonly Month[];
  readonly counts: readonly EndingCount[];
  /** What ends first of the gateway's own: applications, runtimes and its authorities. */
  readonly first: readonly UpcomingEnd[];
}

export type CountEndingMonths = () => Promise<EndingMonths>;

const monthCount = 12;
const mostFirst = 6;
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
  const span = { now, months };
  const clients = await countClients(db, span, mostFirst);
  const authorities = await authorityExpiries(db, undefined);
  const counts = [
    ...clients.counts,
    ...(await countUsers(db, 'not_after', span)),
    ...(await countUsers(db, 'old_not_after', span)),
    ...countAuthorities(authorities, span),
  ];
  const own = authorities.filter(({ kind, endsAt }) => kind === 'gateway-ca' && endsAt >= now);
  return { countedAt: now, months, counts, first: firstOf([...clients.first, ...own], mostFirst) };
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
function countAuthorities(found: readonly Expiry[], { now, months }: Span): EndingCount[] {
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
