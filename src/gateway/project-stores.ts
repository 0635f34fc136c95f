import type { Kysely } from 'kysely';
import type { RecordEvent } from '../authority/audit.js';
import { makeAcceptInvitations } from '../credentials/accept-invitations.js';
import type { AcceptInvitations } from '../credentials/accept-invitations.js';
import { makeChangeMembers } from '../credentials/change-members.js';
import type { ChangeMembers } from '../credentials/change-members.js';
import { makeChangeProjects } from '../credentials/change-projects.js';
import type { ChangeProjects } from '../credentials/change-projects.js';
import { makeInvitationStore } from '../credentials/invitation-store.js';
import type { InvitationStore } from '../credentials/invitation-store.js';
import { makeMemberStore } from '../credentials/member-store.js';
import type { MemberStore } from '../credentials/member-store.js';
import { makeProjectStore } from '../credentials/project-store.js';
import type { ProjectStore } from '../credentials/project-store.js';
import type { EffectiveRenewalSettings } from '../credentials/renewal-settings.js';
import type { Clock, RandomBytes } from '../edges.js';
import { listAccessesOf } from '../governance/access-list-store.js';
import { makeChangeGroups } from '../people/change-groups.js';
import type { ChangeGroups } from '../people/change-groups.js';
import { makeChangeOrganizations } from '../people/change-organizations.js';
import type { ChangeOrganizations } from '../people/change-organizations.js';
import { makeFindUser } from '../people/find-user.js';
import type { FindUser } from '../people/find-user.js';
import { makeGroupStore } from '../people/group-store.js';
import type { GroupStore } from '../people/group-store.js';
import { makeOrganizationStore } from '../people/organization-store.js';
import type { OrganizationStore } from '../people/organization-store.js';
import type { InTransaction } from '../people/record-change.js';
import type { Schema } from '../storage/schema.js';

/** Organisations, groups, projects and members, and what changes them: for the routes and the command line. */
export interface ProjectStores {
  readonly organizations: OrganizationStore;
  readonly groups: GroupStore;
  readonly projects: ProjectStore;
  readonly members: MemberStore;
  readonly invitations: InvitationStore;
  readonly findUser: FindUser;
  /** For whoever adds a person: what waited for the address waits no longer. */
  readonly acceptInvitations: AcceptInvitations;
  readonly changeOrganizations: ChangeOrganizations;
  readonly changeGroups: ChangeGroups;
  readonly changeProjects: ChangeProjects;
  readonly changeMembers: ChangeMembers;
}

/** Wires them over one database. */
export function makeProjectStores(edges: {
  readonly db: Kysely<Schema>;
  readonly transaction: InTransaction;
  readonly recordEvent: RecordEvent;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** When certificates of service users end and are renewed, where a project does not say. */
  readonly renewalDefaults: EffectiveRenewalSettings;
}): ProjectStores {
  const { db, transaction, recordEvent: recordChange, clock, random, renewalDefaults } = edges;
  const organizations = makeOrganizationStore(db);
  const groups = makeGroupStore(db);
  const projects = makeProjectStore(db);
  const members = makeMemberStore(db);
  const invitations = makeInvitationStore(db);
  const findUser = makeFindUser(db);
  const shared = { transaction, clock, random, recordChange };
  return {
    organizations,
    groups,
    projects,
    members,
    invitations,
    findUser,
    acceptInvitations: makeAcceptInvitations({ ...shared, projects, members, invitations }),
    changeOrganizations: makeChangeOrganizations({ ...shared, store: organizations, findUser }),
    changeGroups: makeChangeGroups({ ...shared, organizations, groups, listOwned: listAccessesOf }),
    changeProjects: makeChangeProjects({ ...shared, projects, members, renewalDefaults }),
    changeMembers: makeChangeMembers({ ...shared, projects, members, invitations, findUser }),
  };
}
