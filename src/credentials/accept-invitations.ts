import type { Clock } from '../edges.js';
import type { Caller } from '../people/caller.js';
import type { InTransaction, RecordChange } from '../people/record-change.js';
import type { Invitation, InvitationStore } from './invitation-store.js';
import type { MemberStore } from './member-store.js';
import type { FindRole } from './project-access.js';
import { isProjectName } from './project-name.js';
import type { ProjectStore } from './project-store.js';

interface Edges {
  readonly transaction: InTransaction;
  readonly projects: Pick<ProjectStore, 'lock'>;
  readonly members: Pick<MemberStore, 'insert' | 'findRole'>;
  readonly invitations: Pick<InvitationStore, 'listFor' | 'find' | 'take'>;
  readonly clock: Clock;
  readonly recordChange: RecordChange;
}

/** Makes a caller a member of every project to which its address is invited. */
export type AcceptInvitations = (caller: Pick<Caller, 'userId' | 'email'>) => Promise<void>;

/** An invitation is accepted when its address, signed in, first looks for projects or comes to this one. */
export function makeAcceptInvitations(edges: Edges): AcceptInvitations {
  return async (caller) => {
    for (const invitation of await edges.invitations.listFor(caller.email))
      await accept(edges, invitation, caller);
  };
}

/** The role of a caller in a project, which its invitation gives it where it comes for the first time. */
export function makeFindRole(edges: Edges): FindRole {
  const { members, invitations } = edges;
  return async (project, caller) => {
    if (!isProjectName(project)) return undefined;
    const role = await members.findRole(project, caller.userId);
    if (role !== undefined) return role;
    const invitation = await invitations.find(project, caller.email);
    if (invitation) await accept(edges, invitation, caller);
    // Without one, another request of the same caller may have accepted it just now.
    return members.findRole(project, caller.userId);
  };
}

async function accept(
  { transaction, projects, members, invitations, clock, recordChange }: Edges,
  { project, email }: Invitation,
  { userId }: Pick<Caller, 'userId'>,
): Promise<void> {
  await transaction(async (trx) => {
    if (!(await projects.lock(project, trx))) return;
    const taken = await invitations.take(project, email, trx);
    if (!taken) return;
    const { role } = taken;
    await members.insert({ project, userId, role, now: clock() }, trx);
    const actor = `user:${email}`;
    const detail = { email, role };
    await recordChange({ action: 'project.invitation-accepted', project, actor, detail }, trx);
  });
}
