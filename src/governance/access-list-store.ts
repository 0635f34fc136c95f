import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Schema } from '../storage/schema.js';
import { accessOf } from './access-store.js';
import type { Access } from './access.js';

/** Where an access stands in the order of a list: by creation. */
export type AccessPlace = Pick<Access, 'createdAt' | 'id'>;

/** Where a page lies: behind a place or before it; without one behind the beginning, or before the end. */
export interface PagePosition {
  readonly side: 'after' | 'before';
  readonly place: AccessPlace | undefined;
}

/** What somebody wants to see of the accesses of an organisation. */
export interface AccessQuery {
  /** Those with an ACL for exactly this topic. */
  readonly topic: string | undefined;
  readonly ownerGroupId: string | undefined;
  readonly position: PagePosition;
  readonly limit: number;
}

/** A page of a list, and what there is besides. */
export interface AccessPage {
  readonly accesses: readonly Access[];
  /** Of all pages. */
  readonly total: number;
  readonly hasEarlier: boolean;
  readonly hasLater: boolean;
}

export type ListAccesses = (
  query: AccessQuery & { readonly organizationId: string },
) => Promise<AccessPage>;

type Filter = Parameters<ListAccesses>[0];

/** Reads along the index of an organisation, of a group or of a topic: a page costs the same wherever it lies. */
export function makeListAccesses(db: Kysely<Schema>): ListAccesses {
  return async (query) => {
    const { position, limit } = query;
    const rows = await beyond(filtered(db, query), position).selectAll().limit(limit).execute();
    const read = rows.map(accessOf);
    const accesses = position.side === 'after' ? read : read.reverse();
    const [first, last] = [accesses[0], accesses.at(-1)];
    const { total } = await filtered(db, query)
      .select(({ fn }) => fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow();
    if (!first || !last) {
      const isThere = total > 0;
      const isBehind = position.side === 'after';
      return { accesses, total, hasEarlier: isThere && isBehind, hasLater: isThere && !isBehind };
    }
    return {
      accesses,
      total,
      hasEarlier: await isAny(db, query, { side: 'before', place: first }),
      hasLater: await isAny(db, query, { side: 'after', place: last }),
    };
  };
}

/** The accesses of a group, by name: under the lock of the organisation they stay so. */
export async function listAccessesOf(
  groupId: string,
  executor: Kysely<Schema>,
): Promise<readonly string[]> {
  const rows = await executor
    .selectFrom('accesses')
    .select(['id', 'name'])
    .where('owner_group_id', '=', groupId)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return rows.map(({ id, name }) => `the access ${name} (${id})`);
}

function filtered(db: Kysely<Schema>, { organizationId, topic, ownerGroupId }: Filter) {
  return db
    .selectFrom('accesses')
    .where('organization_id', '=', organizationId)
    .$if(ownerGroupId !== undefined, (query) =>
      query.where('owner_group_id', '=', ownerGroupId ?? ''),
    )
    .$if(topic !== undefined, (query) =>
      query.where('id', 'in', (inner) =>
        inner
          .selectFrom('access_topics')
          .select('access_id')
          .where('topic', '=', topic ?? ''),
      ),
    );
}

/** The next ones beyond a position, the nearest first. */
function beyond(query: ReturnType<typeof filtered>, { side, place }: PagePosition) {
  const towards = side === 'after' ? 'asc' : 'desc';
  const than = sql.raw(side === 'after' ? '>' : '<');
  return query
    .$if(place !== undefined, (narrowed) =>
      narrowed.where(
        sql<boolean>`(created_at, id) ${than} (${place?.createdAt ?? 0}, ${place?.id ?? ''})`,
      ),
    )
    .orderBy('created_at', towards)
    .orderBy('id', towards);
}

async function isAny(db: Kysely<Schema>, query: Filter, position: PagePosition): Promise<boolean> {
  const row = await beyond(filtered(db, query), position).select('id').limit(1).executeTakeFirst();
  return row !== undefined;
}
