import type { JsonObject } from './service.js';

/** Whom an announcement of a service may reach: mail addresses. */
export interface Contacts {
  /** Active members of the project who are admins or operators. */
  readonly members: readonly string[];
  /** Active admins of the organisation. */
  readonly organizationAdmins: readonly string[];
  /** Technical addresses of the project. */
  readonly project: readonly string[];
  readonly service: {
    readonly techEmails: readonly string[];
    readonly userConfig: JsonObject;
  };
}

/**
 * Admins and operators of the project and the technical addresses of the service, or of the project where the service
 * has none. With `everleaf_recipients` set to `service` in the service's user_config its own addresses alone, if there
 * are any. Admins of the organisation hear where the project has neither admin nor operator. Everybody once.
 */
export function chooseRecipients(contacts: Contacts): string[] {
  const { members, organizationAdmins, project, service } = contacts;
  const { techEmails, userConfig } = service;
  const hasOwn = techEmails.length > 0;
  if (hasOwn && userConfig['everleaf_recipients'] === 'service') return distinct(techEmails);
  const people = members.length > 0 ? members : organizationAdmins;
  return distinct([...people, ...(hasOwn ? techEmails : project)]);
}

function distinct(addresses: readonly string[]): string[] {
  return [...new Set(addresses.map((address) => address.toLowerCase()))];
}
