import type { Kysely } from 'kysely';
import type { Schema } from '../storage/schema.js';
import { addressesIn } from './project-store.js';
import type { Contacts } from './recipient-policy.js';
import { readJsonObject } from './service.js';

/** Who may hear of a service now, and which webhooks of its project do. */
export interface ServiceContacts extends Contacts {
  /** Ids. */
  readonly webhooks: readonly string[];
  readonly type: string;
}

/** The contacts of a service that is powered; undefined for any other. */
export type FindContacts = (service: {
  readonly project: string;
  readonly service: string;
}) => Promise<ServiceContacts | undefined>;

/** The SQL of who hears what: as it stands when it is asked, so that a new role counts from the next mail on. */
export function makeFindContacts(db: Kysely<Schema>): FindContacts {
  return async ({ project, service }) => {
    const found = await db
      .selectFrom('services as s')
      .innerJoin('projects as p', 'p.name', 's.project')
      .select(['s.type', 's.user_config', 's.tech_emails', 'p.organization_id'])
      .select('p.tech_emails as project_emails')
      .where('s.project', '=', project)
      .where('s.name', '=', service)
      .where('s.is_powered', '=', 1)
      .executeTakeFirst();
    if (!found) return undefined;
    const members = await db
      .selectFrom('project_members as m')
      .innerJoin('users as u', 'u.id', 'm.user_id')
      .select('u.email')
      .where('m.project', '=', project)
      .where('m.role', 'in', ['admin', 'operator'])
      .where('u.state', '=', 'active')
      .orderBy('u.email')
      .execute();
    const admins = await db
      .selectFrom('organization_members as o')
      .innerJoin('users as u', 'u.id', 'o.user_id')
      .select('u.email')
      .where('o.organization_id', '=', found.organization_id)
      .where('o.is_admin', '=', 1)
      .where('u.state', '=', 'active')
      .orderBy('u.email')
      .execute();
    const webhooks = await db
      .selectFrom('webhooks')
      .select('id')
      .where('project', '=', project)
      .orderBy('id')
      .execute();
    return {
      type: found.type,
      members: members.map(({ email }) => email),
      organizationAdmins: admins.map(({ email }) => email),
      project: addressesIn(found.project_emails),
      service: {
        techEmails: addressesIn(found.tech_emails),
        userConfig: readJsonObject(found.user_config),
      },
      webhooks: webhooks.map(({ id }) => id),
    };
  };
}
