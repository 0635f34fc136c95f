import { isoTime } from '../iso-time.js';
import type { Group } from './group-store.js';
import type { Organization, Person } from './organization-store.js';

/** An organisation on the wire; it is its own account. */
export function describeOrganization(organization: Organization): object {
  return {
    organization_id: organization.id,
    account_id: organization.id,
    organization_name: organization.name,
    tier: 'business',
    default_governance_user_group_id: null,
    create_time: isoTime(organization.createdAt),
    update_time: isoTime(organization.updatedAt),
  };
}

/** A group on the wire. */
export function describeGroup(group: Group): object {
  return {
    user_group_id: group.id,
    user_group_name: group.name,
    description: group.description,
    managed_by_scim: false,
    create_time: isoTime(group.createdAt),
    update_time: isoTime(group.updatedAt),
  };
}

/** A member of an organisation or a group on the wire. */
export function describePerson(person: Person): object {
  return {
    user_id: person.userId,
    user_info: {
      user_email: person.email,
      real_name: person.realName,
      state: person.state,
      create_time: isoTime(person.createdAt),
      is_application_user: false,
      managed_by_scim: false,
    },
    join_time: isoTime(person.joinedAt),
    last_activity_time: person.lastActivityAt === null ? null : isoTime(person.lastActivityAt),
  };
}
