import type { Kysely, Selectable } from 'kysely';
import type { ProjectRole, Schema } from '../storage/schema.js';

/** An address that becomes a member when it signs in. Times in seconds UTC. */
export interface Invitation {
  readonly project: string;
  readonly email: string;
  readonly role: ProjectRole;
  /** Address of who invited, or the name of the audit log for who is no user. */
  readonly invitedBy: string;
  readonly invitedAt: number;
}

export interface InvitationStore {
  /** By address. */
  list(project: string): Promise<Invitation[]>;
  listFor(email: string): Promise<Invitation[]>;
  find(project: string, email: string): Promise<Invitation | undefined>;
  /** False where the address is invited already. */
  insert(invitation: Invitation, trx: Kysely<Schema>): Promise<boolean>;
  /** Gives what was taken away: of several who take it one gets it. */
  take(project: string, email: string, trx: Kysely<Schema>): Promise<Invitation | undefined>;
}

/** The SQL of invitations. */
export function makeInvitationStore(db: Kysely<Schema>): InvitationStore {
  return {
    list: async (project) => {
      const query = db.selectFrom('project_invitations').selectAll();
      const rows = await query.where('project', '=', project).orderBy('email').execute();
      return rows.map(invitationOf);
    },
    listFor: async (email) => {
      const query = db.selectFrom('project_invitations').selectAll();
      return (await query.where('email', '=', email).execute()).map(invitationOf);
    },
    find: async (project, email) => {
      const row = await db
        .selectFrom('project_invitations')
        .selectAll()
        .where('project', '=', project)
        .where('email', '=', email)
        .executeTakeFirst();
      return row && invitationOf(row);
    },
    insert: async ({ project, email, role, invitedBy, invitedAt }, trx) => {
      const result = await trx
        .insertInto('project_invitations')
        .values({ project, email, role, invited_by: invitedBy, invited_at: invitedAt })
        .onConflict((conflict) => conflict.columns(['project', 'email']).doNothing())
        .executeTakeFirstOrThrow();
      return result.numInsertedOrUpdatedRows === 1n;
    },
    take: async (project, email, trx) => {
      const row = await trx
        .deleteFrom('project_invitations')
        .where('project', '=', project)
        .where('email', '=', email)
        .returningAll()
        .executeTakeFirst();
      return row && invitationOf(row);
    },
  };
}

function invitationOf(row: Selectable<Schema['project_invitations']>): Invitation {
  return {
    project: row.project,
    email: row.email,
    role: row.role,
    invitedBy: row.invited_by,
    invitedAt: row.invited_at,
  };
}
