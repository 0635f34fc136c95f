import type { Kysely } from 'kysely';
import type { Clock, Log } from '../edges.js';
import type { EndingOfService } from '../http/metrics.js';
import type { Schema } from '../storage/schema.js';

const daySeconds = 86_400;
const aheadSeconds = 30 * daySeconds;
const refreshSeconds = 60;
/** Services beyond these, by their nearest end, are left out: each one is a handful of series. */
const mostServices = 200;

/**
 * Counts, service by service, the certificates of users that end within 30 days and those whose renewal nobody has
 * acknowledged. Counted at most once a minute, however often it is asked; a scrape gets the last count while a new one
 * is made, and waits for the first alone. A database that does not answer leaves the last count.
 */
export function makeCountEnding(edges: {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
  readonly log: Log;
}): () => Promise<readonly EndingOfService[]> {
  const { db, clock, log } = edges;
  let last: readonly EndingOfService[] | undefined;
  let countedAt = -Infinity;
  let underWay: Promise<void> | undefined;
  const refresh = async (): Promise<void> => {
    try {
      last = await countEnding(db, clock());
    } catch (err) {
      log.warn({ err }, 'certificates that end could not be counted for the metrics');
    } finally {
      underWay = undefined;
    }
  };
  return async () => {
    if (clock() >= countedAt + refreshSeconds && !underWay) {
      countedAt = clock();
      underWay = refresh();
    }
    if (!last) await underWay;
    return last ?? [];
  };
}

/** Along the ends of the certificates: what lives longer is not looked at. */
async function countEnding(db: Kysely<Schema>, now: number): Promise<EndingOfService[]> {
  const expiring = await db
    .selectFrom('service_users')
    .select(['project', 'service'])
    .select(({ fn }) => [fn.countAll<number>().as('users'), fn.min('not_after').as('first')])
    .where('not_after', '<=', now + aheadSeconds)
    .groupBy(['project', 'service'])
    .orderBy('first')
    .limit(mostServices)
    .execute();
  const pending = await db
    .selectFrom('service_users')
    .select(['project', 'service'])
    .select(({ fn }) => [fn.countAll<number>().as('users'), fn.min('old_not_after').as('first')])
    .where('old_not_after', '>', now)
    .groupBy(['project', 'service'])
    .orderBy('first')
    .limit(mostServices)
    .execute();
  return [
    ...expiring.map((row) => endingOf(row, 'expiring')),
    ...pending.map((row) => endingOf(row, 'pending')),
  ];
}

function endingOf(
  row: { project: string; service: string; users: number; first: number | null },
  state: EndingOfService['state'],
): EndingOfService {
  const { project, service, users, first } = row;
  return { project, service, state, users, firstEnd: first ?? 0 };
}
