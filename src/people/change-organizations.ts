import type { Kysely } from 'kysely';
import type { Clock, RandomBytes } from '../edges.js';
import { Failure } from '../failure.js';
import type { Schema } from '../storage/schema.js';
import { judgeDisplayName } from './display-name.js';
import type { FindUser } from './find-user.js';
import { readEmail } from './find-user.js';
import type { Organization, OrganizationStore } from './organization-store.js';
import type { ChangeOrigin, InTransaction, RecordChange } from './record-change.js';

/** What operators do to organisations; each throws a Failure where it cannot. */
export interface ChangeOrganizations {
  /** With a first admin where an address is given. */
  create(
    order: ChangeOrigin & { readonly name: string; readonly adminEmail?: string | undefined },
  ): Promise<Organization>;
  /** Makes a user a member, or changes whether the member is an admin. */
  putMember(order: MemberOrder & { readonly isAdmin: boolean }): Promise<void>;
  /** Takes a member out of the organisation and its groups; memberships in projects stay. */
  removeMember(order: MemberOrder): Promise<void>;
}

type MemberOrder = ChangeOrigin & { readonly organizationId: string; readonly email: string };

interface Edges {
  readonly transaction: InTransaction;
  readonly store: OrganizationStore;
  readonly findUser: FindUser;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly recordChange: RecordChange;
}

/** Makes and changes organisations. */
export function makeChangeOrganizations(edges: Edges): ChangeOrganizations {
  const { transaction, store, clock, recordChange } = edges;
  const requireUser = async (email: string, trx: Kysely<Schema>): Promise<string> => {
    const userId = await edges.findUser(readEmail(email), trx);
    if (userId !== undefined) return userId;
    throw new Failure('resource-unknown', `There is no user ${email}.`);
  };
  return {
    create: ({ name, adminEmail, ...origin }) =>
      transaction(async (trx) => {
        const now = clock();
        const id = `org${Buffer.from(edges.random(6)).toString('hex').slice(1)}`;
        const organization = {
          id,
          name: judgeDisplayName(name, 'organization_name'),
          createdAt: now,
          updatedAt: now,
        };
        await store.insert(organization, trx);
        if (adminEmail !== undefined) {
          const userId = await requireUser(adminEmail, trx);
          await store.putMember({ id, userId, isAdmin: true, now }, trx);
        }
        const detail = { organization: id, name, admin: adminEmail ?? null };
        await recordChange({ action: 'organization.created', ...origin, detail }, trx);
        return organization;
      }),
    putMember: ({ organizationId: id, email, isAdmin, ...origin }) =>
      transaction(async (trx) => {
        await requireLock(store, id, trx);
        const userId = await requireUser(email, trx);
        await store.putMember({ id, userId, isAdmin, now: clock() }, trx);
        const detail = { organization: id, email: readEmail(email), admin: isAdmin };
        await recordChange({ action: 'organization.member-added', ...origin, detail }, trx);
      }),
    removeMember: ({ organizationId: id, email, ...origin }) =>
      transaction(async (trx) => {
        await requireLock(store, id, trx);
        const userId = await requireUser(email, trx);
        if (!(await store.removeMember({ id, userId }, trx))) {
          throw new Failure('resource-unknown', `${email} is no member of the organization.`);
        }
        const detail = { organization: id, email: readEmail(email) };
        await recordChange({ action: 'organization.member-removed', ...origin, detail }, trx);
      }),
  };
}

/** Holds the organisation until the transaction ends. Throws the Failure `resource-unknown` where there is none. */
export async function requireLock(
  store: Pick<OrganizationStore, 'lock'>,
  id: string,
  trx: Kysely<Schema>,
): Promise<void> {
  if (!(await store.lock(id, trx)))
    throw new Failure('resource-unknown', 'Organization not found.');
}
