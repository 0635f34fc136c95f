import type { Kysely } from 'kysely';
import type { Schema } from '../storage/schema.js';
import { fromRow } from './authority-store.js';
import { readAuthority } from './authority.js';
import type { RecordedAuthority } from './authority.js';
import { projectOfPurpose, purposeOfProject } from './hold-authorities.js';

/** The CA that signs for a project. */
export interface ProjectAuthority {
  readonly project: string;
  readonly authority: RecordedAuthority;
  /** Whether another one of the project is prepared or retiring. */
  readonly isRollingOver: boolean;
}

/** A page of them by the names of their projects. `after`: the last name of the page before. */
export type ListProjectAuthorityPage = (page: {
  readonly after: string;
  readonly limit: number;
}) => Promise<ProjectAuthority[]>;

/** After every `project:...`: the next letter behind the colon. */
const end = 'project;';

/** The SQL of that list: by the unique index of active authorities. */
export function makeListProjectAuthorities(db: Kysely<Schema>): ListProjectAuthorityPage {
  return async ({ after, limit }) => {
    const rows = await db
      .selectFrom('authorities as a')
      .selectAll('a')
      .select(({ exists, selectFrom }) =>
        exists(
          selectFrom('authorities as o')
            .select('o.id')
            .whereRef('o.purpose', '=', 'a.purpose')
            .where('o.state', 'in', ['prepared', 'retiring']),
        ).as('is_rolling_over'),
      )
      .where('a.state', '=', 'active')
      .where('a.purpose', '>', purposeOfProject(after))
      .where('a.purpose', '<', end)
      .orderBy('a.purpose')
      .limit(limit)
      .execute();
    return rows.map((row) => ({
      project: projectOfPurpose(row.purpose) ?? '',
      authority: readAuthority(fromRow(row)),
      isRollingOver: Boolean(row.is_rolling_over),
    }));
  };
}
