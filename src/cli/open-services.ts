import { makeIssueCertificate } from '../authority/issue-certificate.js';
import { makeRecordCertificate } from '../authority/record-certificate.js';
import { pkiUrlSetting } from '../authority/pki-urls.js';
import { makeTemplates } from '../authority/templates.js';
import type { ServiceUser } from '../credentials/service-user.js';
import type { Service } from '../credentials/service.js';
import { openMasterKey } from '../gateway/open-master-key.js';
import { makeServiceUsers } from '../gateway/service-users.js';
import type { ServiceUsers } from '../gateway/service-users.js';
import type { Stores } from '../gateway/stores.js';
import { StartFault } from '../start-fault.js';
import type { CommandContext } from './context.js';
import { withDatabase } from './open-record.js';

/** Opens the record and the master key for services and their users, runs `work` and closes the record. */
export async function withServices<Result>(
  context: Pick<CommandContext, 'config' | 'clock' | 'random' | 'log'>,
  work: (serviceUsers: ServiceUsers) => Promise<Result>,
): Promise<Result> {
  const { config, clock, random } = context;
  return withDatabase(config, clock, async (database, stores) => {
    const masterKey = await openMasterKey({ config, database, stores, random });
    const issue = makeIssueCertificate({
      activeAuthority: () => {
        throw new Error('a command issues for service users alone');
      },
      templateFor: makeTemplates(config.pki.url ?? (await knownPkiUrl(stores))),
      record: makeRecordCertificate({ database, certificates: stores.certificates, clock }),
      clock,
      random,
      countIssued: () => undefined,
    });
    return work(makeServiceUsers({ ...context, database, stores, masterKey, issue }));
  });
}

/** What the gateway that runs, or ran last, was told: a command is easily run without that setting. */
async function knownPkiUrl({ settings }: Pick<Stores, 'settings'>): Promise<string | undefined> {
  const url = await settings.find(pkiUrlSetting);
  return url === '' ? undefined : url;
}

/** A service by its project and name. Throws a StartFault where there is none. */
export async function namedService(
  { services }: Pick<ServiceUsers, 'services'>,
  { project, name }: { readonly project: string; readonly name: string },
): Promise<Service> {
  const service = await services.find({ project, name });
  if (service) return service;
  throw new StartFault(
    `There is no service ${name} in ${project}: everleaf service list ${project} shows them.`,
  );
}

/** How a service user is named on the command line. */
export interface NamedUser {
  readonly project: string;
  readonly service: string;
  readonly username: string;
}

/** A service user and its service. Throws a StartFault where there is none. */
export async function namedUser(
  serviceUsers: Pick<ServiceUsers, 'services' | 'users'>,
  { project, service: name, username }: NamedUser,
): Promise<{ readonly service: Service; readonly user: ServiceUser }> {
  const service = await namedService(serviceUsers, { project, name });
  const user = await serviceUsers.users.find({ project, service: name, username });
  if (user) return { service, user };
  throw new StartFault(
    `There is no user ${username} of ${name}: everleaf user list ${project} ${name} shows them.`,
  );
}
