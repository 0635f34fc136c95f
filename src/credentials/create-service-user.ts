import type { Kysely } from 'kysely';
import type { RecordEvent } from '../authority/audit.js';
import type { NodeCertificateStore } from '../authority/node-certificate-store.js';
import type { Clock, RandomBytes } from '../edges.js';
import { Failure } from '../failure.js';
import type { Schema } from '../storage/schema.js';
import { holderOfService, subjectIn } from './certify-service.js';
import { refuseOwnedName } from './governed-user.js';
import type { FindAccessOf } from './governed-user.js';
import type { IssuePair } from './issue-pair.js';
import type { Secrets } from './secrets.js';
import { hasCertificates, serviceUnknown } from './service.js';
import type { JsonObject, Service } from './service.js';
import type { ServiceStore } from './service-store.js';
import type { ServiceUserStore } from './service-user-store.js';
import type { ServiceUser } from './service-user.js';

export interface CreateServiceUserOrder {
  readonly service: Service;
  readonly username: string;
  readonly type: 'primary' | 'normal';
  readonly accessControl: JsonObject;
  readonly authentication: string | null;
  readonly validitySeconds: number;
  /** What goes on record before the user and with it: the service itself, where it is new. */
  readonly beforehand?: (trx: Kysely<Schema>) => Promise<void>;
  /** What goes on record after it: whatever owns it from its first moment on. */
  readonly afterwards?: (trx: Kysely<Schema>, user: ServiceUser) => Promise<void>;
  readonly actor: string;
  readonly requestId?: string | undefined;
}

export type CreateServiceUser = (order: CreateServiceUserOrder) => Promise<ServiceUser>;

interface Edges {
  readonly transaction: <T>(work: (trx: Kysely<Schema>) => Promise<T>) => Promise<T>;
  readonly users: Pick<ServiceUserStore, 'find' | 'insert'>;
  readonly services: Pick<ServiceStore, 'hold'>;
  readonly nodeCertificates: Pick<NodeCertificateStore, 'hasSubject'>;
  readonly findAccessOf: FindAccessOf;
  readonly issuePair: IssuePair;
  readonly secrets: Pick<Secrets, 'newPassword' | 'sealPassword'>;
  readonly recordEvent: RecordEvent;
  readonly clock: Clock;
  readonly random: RandomBytes;
}

/**
 * A user of a service with a password, and where the service has certificates a key and certificate of its own. Throws
 * Failure `exists-already`, `resource-unknown`, and `state-conflict` for the name of a user that an access had.
 */
export function makeCreateServiceUser(edges: Edges): CreateServiceUser {
  const { transaction, users, services, issuePair, secrets, recordEvent, clock, random } = edges;
  const { nodeCertificates, findAccessOf } = edges;
  return async (order) => {
    const { service, username, actor, requestId, validitySeconds } = order;
    const name = { project: service.project, service: service.name, username };
    // Before a key is made for nothing; the insert decides.
    if (await users.find(name)) throw existsAlready(username);
    const now = clock();
    const id = `su${Buffer.from(random(8)).toString('hex')}`;
    const user: ServiceUser = {
      ...name,
      id,
      type: order.type,
      sealedPassword: secrets.sealPassword(secrets.newPassword(), id),
      passwordUpdatedAt: now,
      accessControl: order.accessControl,
      authentication: order.authentication,
      pair: undefined,
      pending: undefined,
      resetKey: null,
      isSelfService: false,
      fetchedPendingId: null,
      renewalKey: null,
      renewalAskedAt: null,
      nextKey: undefined,
      accessId: null,
      isWithheld: false,
      recipients: [],
      createdAt: now,
    };
    const event = { action: 'service-user.created', actor, requestId, detail: { username } };
    const insert = async (trx: Kysely<Schema>, pair: ServiceUser['pair']): Promise<void> => {
      await order.beforehand?.(trx);
      if (!(await services.hold(service, trx))) throw serviceUnknown();
      const node = { holder: holderOfService(service), subject: subjectIn(service, username), now };
      if (await nodeCertificates.hasSubject(node, trx)) throw serverNamedSo(username);
      if (!(await users.insert({ ...user, pair }, trx))) throw existsAlready(username);
      // After the insert: an access that was made of the user before this one is seen then.
      await refuseOwnedName(name, findAccessOf, trx);
      await order.afterwards?.(trx, { ...user, pair });
    };
    if (hasCertificates(service)) {
      const pair = await issuePair({ user, validitySeconds, event, alongside: insert });
      return { ...user, pair };
    }
    await transaction(async (trx) => {
      await insert(trx, undefined);
      await recordEvent({ ...event, project: name.project, service: name.service }, trx);
    });
    return user;
  };
}

function existsAlready(username: string): Failure {
  return new Failure('exists-already', `Service user ${username} already exists.`);
}

/** Whoever reads subjects would take the user for the server. */
function serverNamedSo(username: string): Failure {
  return new Failure(
    'state-conflict',
    `A server of the service has a certificate with the subject of ${username}: choose another name.`,
  );
}
