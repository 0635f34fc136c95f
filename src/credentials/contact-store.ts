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

/** Whom something of a project as a whole may reach, and which webhooks; undefined where there is no such project. */
export type FindProjectContacts = (
  project: string,
) => Promise<(Contacts & Pick<ServiceContacts, 'webhooks'>) | undefined>;

/** The SQL of who hears of a project: as it stands when it is asked. */
export function makeFindProjectContacts(db: Kysely<Schema>): FindProjectContacts {
  return async (project) => {
    const found = await db
      .selectFrom('projects')
      .select(['organization_id', 'tech_emails'])
      .where('name', '=', project)
      .executeTakeFirst();
    if (!found) return undefined;
    return {
      ...(await findPeople(db, { project, organizationId: found.organization_id })),
      project: addressesIn(found.tech_emails),
      service: { techEmails: [], userConfig: {} },
    };
  };
}

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
    return {
      ...(await findPeople(db, { project, organizationId: found.organization_id })),
      type: found.type,
      project: addressesIn(found.project_emails),
      service: {
        techEmails: addressesIn(found.tech_emails),
        userConfig: readJsonObject(found.user_config),
      },
    };
  };
}

async function findPeople(
  db: Kysely<Schema>,
  { project, organizationId }: { readonly project: string; readonly organizationId: string },
): Promise<Pick<ServiceContacts, 'members' | 'organizationAdmins' | 'webhooks'>> {
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
    .where('o.organization_id', '=', organizationId)
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
    members: members.map(({ email }) => email),
    organizationAdmins: admins.map(({ email }) => email),
    webhooks: webhooks.map(({ id }) => id),
  };
}
