import { formatDuration } from '../duration.js';
import { isoTime } from '../iso-time.js';
import type { ProjectEvent } from './event-store.js';
import { describeEvent } from './event-words.js';
import type { Invitation } from './invitation-store.js';
import type { Member } from './member-store.js';
import type { Project } from './project-store.js';

/** What clients expect of a project although there are no bills here. */
const noBilling = {
  available_credits: null,
  billing_address: null,
  billing_currency: null,
  billing_emails: [],
  billing_extra_text: null,
  billing_group_id: null,
  billing_group_name: null,
  country: null,
  country_code: null,
  estimated_balance: null,
  payment_method: null,
  vat_id: null,
} as const;

/** A project on the wire. */
export function describeProject(project: Project): object {
  return {
    ...noBilling,
    project_name: project.name,
    organization_id: project.organizationId,
    account_id: project.organizationId,
    default_cloud: project.defaultCloud,
    tech_emails: project.techEmails.map((email) => ({ email })),
    tags: {},
    certificate_validity: durationOf(project.validitySeconds),
    renew_before: durationOf(project.renewBeforeSeconds),
    create_time: isoTime(project.createdAt),
    update_time: isoTime(project.updatedAt),
  };
}

/** A member on the wire. */
export function describeMember(member: Member): object {
  return {
    user_email: member.email,
    user_id: member.userId,
    real_name: member.realName,
    member_type: member.role,
    team_id: null,
    team_name: null,
    auth: member.auth,
    billing_contact: false,
    create_time: isoTime(member.joinedAt),
  };
}

/** An invitation on the wire. */
export function describeInvitation(invitation: Invitation): object {
  return {
    invited_user_email: invitation.email,
    inviting_user_email: invitation.invitedBy,
    member_type: invitation.role,
    invite_time: isoTime(invitation.invitedAt),
  };
}

/** An event on the wire. */
export function describeProjectEvent(event: ProjectEvent): object {
  return {
    id: String(event.id),
    time: isoTime(event.at),
    actor: event.actor.replace(/^user:/, ''),
    event_type: event.action,
    event_desc: describeEvent(event),
    service_name: event.service,
  };
}

function durationOf(seconds: number | null): string | null {
  return seconds === null ? null : formatDuration(seconds);
}
