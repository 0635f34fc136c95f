import type { Kysely } from 'kysely';
import type { Clock } from '../edges.js';
import type { Schema } from '../storage/schema.js';
import type { Access } from './access.js';
import { makeFindLatestCredentials } from './latest-credentials.js';
import type { LatestCredentials } from './latest-credentials.js';
import { isActive, judgeAsking, rotationStates } from './rotation-policy.js';
import type { RotationRefusal, Standing } from './rotation-policy.js';
import { mayReveal } from './rotation-rights.js';
import { rotationColumns, rotationOf } from './rotation-store.js';
import type { Rotation } from './rotation.js';
import type { Viewer } from './rotation-view.js';

/** An access as one person sees it. */
export interface ViewedAccess {
  readonly access: Access;
  readonly group: { readonly id: string; readonly name: string };
  /** Undefined where nothing was ever approved. */
  readonly credentials: LatestCredentials | undefined;
  /** The request that is not over; while there is one nobody may ask again. */
  readonly active: Rotation | undefined;
  /** The request whose credentials wait for this person. */
  readonly toReveal: Rotation | undefined;
  /** Why this person may not ask for new credentials, whatever else is under way. */
  readonly refusal: RotationRefusal | undefined;
  /** Whether this person may see its requests. */
  readonly maySeeRequests: boolean;
}

export type ViewAccesses = (
  accesses: readonly Access[],
  viewer: Viewer,
) => Promise<readonly ViewedAccess[]>;

/** The accesses in the same order, in three queries however many there are. */
export function makeViewAccesses({
  db,
  clock,
}: {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
}): ViewAccesses {
  const findLatest = makeFindLatestCredentials(db);
  return async (accesses, viewer) => {
    if (accesses.length === 0) return [];
    const ids = accesses.map(({ id }) => id);
    const latest = await findLatest(ids);
    const groups = await readGroups(db, accesses, viewer);
    const open = await readOpen(db, ids);
    const now = clock();
    return accesses.map((access) => {
      const group = groups.get(access.ownerGroupId);
      if (!group) throw new Error('an access is owned by no group');
      const { standing, memberCount, ...named } = group;
      const own = open.filter(({ accessId }) => accessId === access.id);
      return {
        access,
        group: named,
        credentials: latest.get(access.id),
        active: own.find(({ state }) => isActive(state)),
        toReveal: own.find((rotation) => mayReveal(rotation, { viewer: standing, now })),
        refusal: judgeAsking({ requester: standing, memberCount }),
        maySeeRequests: viewer.isAdmin || standing.memberSince !== undefined,
      };
    });
  };
}

interface Group {
  readonly id: string;
  readonly name: string;
  /** Of the viewer. */
  readonly standing: Standing;
  /** Of those who can sign in. */
  readonly memberCount: number;
}

async function readGroups(
  db: Kysely<Schema>,
  accesses: readonly Access[],
  { userId }: Viewer,
): Promise<ReadonlyMap<string, Group>> {
  const rows = await db
    .selectFrom('user_groups as g')
    .leftJoin('group_members as own', (join) =>
      join.onRef('own.group_id', '=', 'g.id').on('own.user_id', '=', userId),
    )
    .select(['g.id', 'g.name', 'own.joined_at'])
    .select((from) =>
      from
        .selectFrom('group_members as m')
        .innerJoin('users as u', 'u.id', 'm.user_id')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .whereRef('m.group_id', '=', 'g.id')
        .where('u.state', '=', 'active')
        .as('member_count'),
    )
    .where('g.id', 'in', [...new Set(accesses.map(({ ownerGroupId }) => ownerGroupId))])
    .execute();
  return new Map(
    rows.map(({ id, name, joined_at, member_count }) => {
      const standing = { userId, memberSince: joined_at ?? undefined };
      return [id, { id, name, standing, memberCount: Number(member_count) }];
    }),
  );
}

/** The requests that are not over, or whose credentials wait. */
async function readOpen(db: Kysely<Schema>, ids: readonly string[]): Promise<readonly Rotation[]> {
  const rows = await db
    .selectFrom('rotation_requests')
    .select(rotationColumns)
    .where('access_id', 'in', ids)
    .where(({ or, eb }) =>
      or([
        eb('state', 'in', rotationStates.filter(isActive)),
        eb('credentials_state', '=', 'waiting'),
      ]),
    )
    .execute();
  return rows.map(rotationOf);
}
