import type { Kysely } from 'kysely';
import type { RandomBytes } from '../edges.js';
import type { Schema } from '../storage/schema.js';

/** Makes the organisation to which everybody belongs until there are more; returns its id. */
export async function addFirstOrganization(
  organization: { readonly name: string; readonly now: number; readonly random: RandomBytes },
  trx: Kysely<Schema>,
): Promise<string> {
  const { name, now, random } = organization;
  const id = `org${Buffer.from(random(6)).toString('hex').slice(0, 11)}`;
  await trx
    .insertInto('organizations')
    .values({ id, name, created_at: now, updated_at: now })
    .execute();
  return id;
}

/** The organisation of the first start; undefined before it. */
export async function findFirstOrganization(trx: Kysely<Schema>): Promise<string | undefined> {
  const row = await trx
    .selectFrom('organizations')
    .select('id')
    .orderBy('created_at')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  return row?.id;
}

/** Makes a user a member of an organisation. */
export async function addMember(
  member: {
    readonly organizationId: string;
    readonly userId: string;
    readonly isAdmin: boolean;
    readonly now: number;
  },
  trx: Kysely<Schema>,
): Promise<void> {
  await trx
    .insertInto('organization_members')
    .values({
      organization_id: member.organizationId,
      user_id: member.userId,
      is_admin: Number(member.isAdmin),
      joined_at: member.now,
    })
    .execute();
}
