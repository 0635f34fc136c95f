import { sql } from 'kysely';
import type { ExpressionBuilder, Kysely } from 'kysely';
import type { Schema } from '../storage/schema.js';
import type { RotationState } from './rotation-policy.js';
import { rightsOf } from './rotation-rights.js';
import type { RotationRights } from './rotation-rights.js';
import { rotationColumns, rotationOf } from './rotation-store.js';
import type { Viewer } from './rotation-view.js';
import type { Rotation } from './rotation.js';

/** A request in a list, with the names that people know its parts by. */
export interface ListedRotation {
  readonly rotation: Rotation;
  readonly accessName: string;
  readonly project: string;
  readonly service: string;
  readonly username: string;
  readonly group: { readonly id: string; readonly name: string };
  /** Mail addresses. */
  readonly requester: string;
  readonly decider: string | null;
  readonly may: RotationRights;
}

/** Where a request stands in a list: by its time in seconds UTC, newest first. */
export interface RotationPlace {
  readonly createdAt: number;
  readonly id: string;
}

/** Which requests of a list; all where nothing is said. */
export interface RotationFilter {
  readonly states: readonly RotationState[] | undefined;
  readonly accessId: string | undefined;
  /** Part of the name of the access, in upper or lower case. */
  readonly accessName: string | undefined;
  readonly requesterId: string | undefined;
  readonly ownerGroupId: string | undefined;
}

export interface RotationPage {
  readonly organizationId: string;
  readonly viewer: Viewer;
  /** all: of the groups that the viewer is in, and of every group where that is an admin; mine-to-decide: see there. */
  readonly scope: 'all' | 'mine-to-decide';
  readonly filter: RotationFilter;
  readonly after: RotationPlace | undefined;
  readonly limit: number;
  /** Seconds UTC. */
  readonly now: number;
}

/** Newest first, behind `after`, in one query. */
export type ListRotations = (page: RotationPage) => Promise<readonly ListedRotation[]>;

/** The SQL of lists of requests. */
export function makeListRotations(db: Kysely<Schema>): ListRotations {
  return async (page) => {
    const { viewer, filter, after, now } = page;
    const rows = await joined(db, viewer)
      .select(rotationColumns.map((column) => `r.${column}` as const))
      .select(['a.name as access_name', 'a.project', 'a.service', 'a.username'])
      .select(['g.id as group_id', 'g.name as group_name'])
      .select(['asker.email as requester', 'asker.state as requester_state'])
      .select(['decider.email as decider', 'own.joined_at', 'theirs.joined_at as requester_joined'])
      .where('a.organization_id', '=', page.organizationId)
      .where((where) => within(where, page))
      .where((where) => chosen(where, filter))
      .$if(after !== undefined, (query) =>
        query.where(sql<boolean>`(r.created_at, r.id) < (${after?.createdAt}, ${after?.id})`),
      )
      .orderBy('r.created_at', 'desc')
      .orderBy('r.id', 'desc')
      .limit(page.limit)
      .execute();
    return rows.map((row) => {
      const rotation = rotationOf(row);
      const requesterSince = row.requester_state === 'active' ? row.requester_joined : null;
      return {
        rotation,
        accessName: row.access_name,
        project: row.project,
        service: row.service,
        username: row.username,
        group: { id: row.group_id, name: row.group_name },
        requester: row.requester ?? rotation.requesterId,
        decider: row.decider,
        may: rightsOf(rotation, {
          viewer: { userId: viewer.userId, memberSince: row.joined_at ?? undefined },
          requester: { userId: rotation.requesterId, memberSince: requesterSince ?? undefined },
          now,
        }),
      };
    });
  };
}

/** A request with its access and group, its people, and when the viewer and the requester joined the group. */
function joined(db: Kysely<Schema>, { userId }: Viewer) {
  return db
    .selectFrom('rotation_requests as r')
    .innerJoin('accesses as a', 'a.id', 'r.access_id')
    .innerJoin('user_groups as g', 'g.id', 'a.owner_group_id')
    .leftJoin('users as asker', 'asker.id', 'r.requester_id')
    .leftJoin('users as decider', 'decider.id', 'r.decided_by')
    .leftJoin('group_members as own', (join) =>
      join.onRef('own.group_id', '=', 'a.owner_group_id').on('own.user_id', '=', userId),
    )
    .leftJoin('group_members as theirs', (join) =>
      join
        .onRef('theirs.group_id', '=', 'a.owner_group_id')
        .onRef('theirs.user_id', '=', 'r.requester_id'),
    );
}

type Where = ExpressionBuilder<
  Schema & {
    r: Schema['rotation_requests'];
    a: Schema['accesses'];
    own: { joined_at: number | null };
  },
  'r' | 'a' | 'own'
>;

/** What the viewer may see, or may decide on: see judgeDeciding. */
function within(where: Where, { scope, viewer, now }: RotationPage) {
  if (scope === 'all')
    return viewer.isAdmin ? where.and([]) : where('own.joined_at', 'is not', null);
  return where.and([
    where('r.state', '=', 'pending'),
    where('r.lapses_at', '>', now),
    where('r.requester_id', '<>', viewer.userId),
    where('own.joined_at', '<=', where.ref('r.created_at')),
  ]);
}

function chosen(where: Where, filter: RotationFilter) {
  const { states, accessId, accessName, requesterId, ownerGroupId } = filter;
  return where.and([
    ...(states ? [where('r.state', 'in', states)] : []),
    ...(accessId === undefined ? [] : [where('r.access_id', '=', accessId)]),
    ...(accessName === undefined ? [] : [hasPart(accessName)]),
    ...(requesterId === undefined ? [] : [where('r.requester_id', '=', requesterId)]),
    ...(ownerGroupId === undefined ? [] : [where('a.owner_group_id', '=', ownerGroupId)]),
  ]);
}

/** `%` and `_` mean themselves. */
function hasPart(text: string) {
  const pattern = `%${text.replaceAll(/[!%_]/g, '!$&')}%`;
  return sql<boolean>`lower(a.name) like lower(${pattern}) escape '!'`;
}
