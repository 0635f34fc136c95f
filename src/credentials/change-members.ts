import type { Kysely } from 'kysely';
import type { Clock } from '../edges.js';
import { Failure } from '../failure.js';
import { readEmail } from '../people/find-user.js';
import type { FindUser } from '../people/find-user.js';
import type { ChangeOrigin, InTransaction, RecordChange } from '../people/record-change.js';
import type { ProjectRole, Schema } from '../storage/schema.js';
import { requireProject } from './change-projects.js';
import type { InvitationStore } from './invitation-store.js';
import type { Member, MemberStore } from './member-store.js';
import type { ProjectStore } from './project-store.js';

/** Each throws a Failure where it cannot; `email` in any letter case. */
export interface ChangeMembers {
  /** A user becomes a member at once; any other address is invited, and becomes one when it signs in. */
  invite(order: MemberOrder & { readonly role: ProjectRole }): Promise<'member' | 'invited'>;
  withdrawInvitation(order: MemberOrder): Promise<void>;
  changeRole(order: MemberOrder & { readonly role: ProjectRole }): Promise<void>;
  remove(order: MemberOrder): Promise<void>;
}

type MemberOrder = ChangeOrigin & { readonly project: string; readonly email: string };

interface Edges {
  readonly transaction: InTransaction;
  readonly projects: Pick<ProjectStore, 'lock'>;
  readonly members: MemberStore;
  readonly invitations: InvitationStore;
  readonly findUser: FindUser;
  readonly clock: Clock;
  readonly recordChange: RecordChange;
}

/** Changes who belongs to a project, one change of a project at a time. A project never loses its last admin. */
export function makeChangeMembers(edges: Edges): ChangeMembers {
  const { members, invitations, recordChange } = edges;
  const locked = <T>(
    { project, email }: MemberOrder,
    work: (email: string, trx: Kysely<Schema>) => Promise<T>,
  ) =>
    edges.transaction(async (trx) => {
      await requireProject(edges.projects, project, trx);
      return work(readEmail(email), trx);
    });
  return {
    invite: (order) => locked(order, (email, trx) => invite(edges, { ...order, email }, trx)),
    withdrawInvitation: ({ project, ...order }) =>
      locked({ project, ...order }, async (email, trx) => {
        if (!(await invitations.take(project, email, trx)))
          throw new Failure('resource-unknown', `${email} has no invitation to this project.`);
        const event = { action: 'project.invitation-withdrawn', project, ...originOf(order) };
        await recordChange({ ...event, detail: { email } }, trx);
      }),
    changeRole: ({ project, role, ...order }) =>
      locked({ project, ...order }, async (email, trx) => {
        const { userId, role: oldRole } = await requireMember(members, { project, email }, trx);
        if (!(await members.changeRole({ project, userId, role }, trx))) throw lastAdmin(email);
        const event = { action: 'project.member-changed', project, ...originOf(order) };
        await recordChange({ ...event, detail: { email, role, oldRole } }, trx);
      }),
    remove: ({ project, ...order }) =>
      locked({ project, ...order }, async (email, trx) => {
        const { userId, role } = await requireMember(members, { project, email }, trx);
        if (!(await members.remove({ project, userId }, trx))) throw lastAdmin(email);
        const event = { action: 'project.member-removed', project, ...originOf(order) };
        await recordChange({ ...event, detail: { email, role } }, trx);
      }),
  };
}

async function invite(
  { members, invitations, findUser, clock, recordChange }: Edges,
  { project, email, role, ...order }: MemberOrder & { readonly role: ProjectRole },
  trx: Kysely<Schema>,
): Promise<'member' | 'invited'> {
  const now = clock();
  const userId = await findUser(email, trx);
  if (userId !== undefined) {
    if (!(await members.insert({ project, userId, role, now }, trx))) {
      throw new Failure('exists-already', `A member ${email} already exists: change the role.`);
    }
    await invitations.take(project, email, trx);
    const event = { action: 'project.member-added', project, ...originOf(order) };
    await recordChange({ ...event, detail: { email, role } }, trx);
    return 'member';
  }
  const invitedBy = order.actor.replace(/^user:/, '');
  if (!(await invitations.insert({ project, email, role, invitedBy, invitedAt: now }, trx))) {
    throw new Failure(
      'exists-already',
      `An invitation of ${email} already exists: withdraw it to send another.`,
    );
  }
  const event = { action: 'project.member-invited', project, ...originOf(order) };
  await recordChange({ ...event, detail: { email, role } }, trx);
  return 'invited';
}

async function requireMember(
  members: MemberStore,
  { project, email }: { readonly project: string; readonly email: string },
  trx: Kysely<Schema>,
): Promise<Member> {
  const member = await members.find(project, email, trx);
  if (member) return member;
  throw new Failure('resource-unknown', `${email} is no member of this project.`);
}

function lastAdmin(email: string): Failure {
  return new Failure(
    'state-conflict',
    `${email} is the last admin of the project: make another member admin first.`,
  );
}

function originOf({ actor, requestId }: ChangeOrigin): ChangeOrigin {
  return { actor, requestId };
}
