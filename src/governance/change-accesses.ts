import type { Kysely } from 'kysely';
import type { RecordEvent } from '../authority/audit.js';
import type { CreateServiceUser } from '../credentials/create-service-user.js';
import type { ProjectStore } from '../credentials/project-store.js';
import type { FindRenewalSettings } from '../credentials/renewal-settings.js';
import type { ServiceStore } from '../credentials/service-store.js';
import type { ServiceUserStore } from '../credentials/service-user-store.js';
import type { ServiceUser, ServiceUserName } from '../credentials/service-user.js';
import type { Service } from '../credentials/service.js';
import type { Clock, RandomBytes } from '../edges.js';
import { Failure } from '../failure.js';
import type { GroupStore } from '../people/group-store.js';
import type { OrganizationStore } from '../people/organization-store.js';
import type { ChangeOrigin, InTransaction } from '../people/record-change.js';
import { retryTransient } from '../storage/retry-transient.js';
import type { Schema } from '../storage/schema.js';
import { accessUnknown } from './access.js';
import type { Access, AclEntry } from './access.js';
import { placeOf } from './access-store.js';
import type { AccessStore } from './access-store.js';
import { revokeAll } from './discard-result.js';
import { ownedUsers } from './owned-user-store.js';

export interface NewAccess extends ChangeOrigin {
  readonly organizationId: string;
  /** Id of the person who makes it. */
  readonly userId: string;
  readonly name: string;
  readonly ownerGroupId: string;
  readonly project: string;
  readonly service: string;
  /** A user that is there, or is made; without one it is made under a name of its own. */
  readonly username: string | undefined;
  readonly acls: readonly Omit<AclEntry, 'id'>[];
}

/** What an admin of an organisation does about accesses. */
export interface ChangeAccesses {
  /**
   * Puts a service user under a group, making it where there is none of its name. Throws Failure `field-invalid` for a
   * group or project of another organisation, `resource-unknown`, `state-conflict` for a user that cannot be owned.
   */
  create(order: NewAccess): Promise<Access>;
  /**
   * The user stays, with the credentials that it has. What waits to be revealed is erased, its certificate revoked, and
   * so are those that were to be revoked after their grace: nobody would come back for them.
   */
  remove(
    order: ChangeOrigin & { readonly organizationId: string; readonly accessId: string },
  ): Promise<void>;
}

interface Edges {
  readonly transaction: InTransaction;
  readonly organizations: Pick<OrganizationStore, 'lock'>;
  readonly groups: Pick<GroupStore, 'find'>;
  readonly projects: Pick<ProjectStore, 'find'>;
  readonly services: Pick<ServiceStore, 'find'>;
  readonly users: Pick<ServiceUserStore, 'find'>;
  readonly accesses: Pick<AccessStore, 'find' | 'insert' | 'remove'>;
  readonly createUser: CreateServiceUser;
  readonly findRenewalSettings: FindRenewalSettings;
  readonly recordEvent: RecordEvent;
  readonly clock: Clock;
  readonly random: RandomBytes;
}

/** Makes and deletes accesses; nothing else of them changes. */
export function makeChangeAccesses(edges: Edges): ChangeAccesses {
  return {
    create: async (order) => {
      const service = await requireKafka(edges, order);
      const id = `acc${hex(edges.random(8))}`;
      const username = order.username ?? `access-${id.slice(3)}`;
      const name: ServiceUserName = { project: service.project, service: service.name, username };
      const known = await edges.users.find(name);
      if (known) {
        return retryTransient(() =>
          edges.transaction((trx) => own(edges, { ...order, id, user: known }, trx)),
        );
      }
      let access: Access | undefined;
      const { validitySeconds } = await edges.findRenewalSettings(service);
      const { actor, requestId } = order;
      await edges.createUser({
        service,
        username,
        type: 'normal',
        accessControl: {},
        authentication: null,
        validitySeconds,
        actor,
        requestId,
        afterwards: async (trx, user) => {
          access = await own(edges, { ...order, id, user }, trx);
        },
      });
      if (!access) throw new Error('a user was made without its access');
      return access;
    },
    remove: ({ organizationId, accessId, actor, requestId }) =>
      retryTransient(() =>
        edges.transaction(async (trx) => {
          const access = (await edges.organizations.lock(organizationId, trx))
            ? await edges.accesses.find({ organizationId, id: accessId }, trx)
            : undefined;
          if (!access) throw accessUnknown();
          await ownedUsers.release(accessId, trx);
          const cutShort = await edges.accesses.remove(accessId, trx);
          const certificates = cutShort.flatMap((rotation) => rotation.certificates);
          const revoked = await revokeAll({ access, certificates, now: edges.clock() }, trx);
          const ended = { rotations: cutShort.map(({ id }) => id), revoked };
          await record(edges, { access, action: 'access.deleted', actor, requestId, ended }, trx);
        }),
      ),
  };
}

async function requireKafka(
  { projects, services }: Edges,
  { organizationId, project, service: name }: NewAccess,
): Promise<Service> {
  const found = await projects.find(project);
  if (found?.organizationId !== organizationId)
    throw new Failure('field-invalid', 'access_data.project_name names no project of yours.');
  const service = await services.find({ project, name });
  if (!service) throw new Failure('field-invalid', 'access_data.service_name names no service.');
  if (service.type === 'kafka') return service;
  throw new Failure(
    'field-invalid',
    `access_data.service_name has to name a service of type kafka: ${name} is of type ${service.type}.`,
  );
}

async function own(
  { organizations, groups, accesses, clock, random, recordEvent }: Edges,
  order: NewAccess & { readonly id: string; readonly user: ServiceUser },
  trx: Kysely<Schema>,
): Promise<Access> {
  const { id, organizationId, ownerGroupId, user, actor, requestId } = order;
  await organizations.lock(organizationId, trx);
  if (!(await groups.find(organizationId, ownerGroupId, trx)))
    throw new Failure('field-invalid', 'owner_user_group_id names no group of the organization.');
  if (user.type === 'primary')
    throw new Failure(
      'state-conflict',
      `${user.username} is the primary user of the service and stays with its operators: name another one.`,
    );
  const { project, service, username } = user;
  const access: Access = {
    id,
    organizationId,
    name: order.name,
    ownerGroupId,
    user: { id: user.id, project, service, username },
    acls: order.acls.map((acl) => ({ id: `acl${hex(random(8))}`, ...acl })),
    createdBy: order.userId,
    createdAt: clock(),
  };
  if (!(await ownedUsers.own({ userId: user.id, accessId: id }, trx)))
    throw new Failure(
      'state-conflict',
      `${username} belongs to an access already: name another user, or delete that access.`,
    );
  if (!(await accesses.insert(access, trx)))
    throw new Error('a user has an access it does not know');
  await record({ recordEvent }, { access, action: 'access.created', actor, requestId }, trx);
  return access;
}

async function record(
  { recordEvent }: Pick<Edges, 'recordEvent'>,
  {
    access,
    action,
    actor,
    requestId,
    ended,
  }: ChangeOrigin & { readonly access: Access; readonly action: string; readonly ended?: object },
  trx: Kysely<Schema>,
): Promise<void> {
  const { username } = access.user;
  const { id, name, organizationId: organization, ownerGroupId: group, acls } = access;
  const detail = { username, access: id, accessName: name, organization, group, acls, ...ended };
  const place = await placeOf(access, trx);
  await recordEvent({ action, actor, requestId, ...place, detail }, trx);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
