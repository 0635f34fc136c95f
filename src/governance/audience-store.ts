import type { Kysely } from 'kysely';
import type { Schema } from '../storage/schema.js';
import type { Access } from './access.js';

/** Who may hear of a request besides the members of the owner group. */
export interface Audience {
  /** Mail address; undefined where that person cannot sign in any more. */
  readonly requester: string | undefined;
  /** Ids of the webhooks of the project, as long as it is one of the organisation's. */
  readonly webhooks: readonly string[];
}

/** Reads it as it is now. */
export async function readAudience(
  { access, requesterId }: { readonly access: Access; readonly requesterId: string },
  executor: Kysely<Schema>,
): Promise<Audience> {
  const requester = await executor
    .selectFrom('users')
    .select('email')
    .where('id', '=', requesterId)
    .where('state', '=', 'active')
    .executeTakeFirst();
  const webhooks = await executor
    .selectFrom('webhooks as w')
    .innerJoin('projects as p', 'p.name', 'w.project')
    .select('w.id')
    .where('w.project', '=', access.user.project)
    .where('p.organization_id', '=', access.organizationId)
    .orderBy('w.id')
    .execute();
  return { requester: requester?.email, webhooks: webhooks.map(({ id }) => id) };
}
