import { clientsTrustOf } from '../credentials/client-ca.js';
import { nodeHostsOf } from '../credentials/node-hosts.js';
import type { ServiceTypeName } from '../credentials/service-types.js';
import type { JsonObject, Service } from '../credentials/service.js';
import { hasCertificates } from '../credentials/service.js';
import { formatDuration } from '../duration.js';
import { readEmail } from '../people/find-user.js';
import type { Command } from './context.js';
import { requireProjectNamed } from './open-projects.js';
import { namedService, withServices } from './open-services.js';
import { formatFields, formatTable, formatTime, rfc3339 } from './output.js';

/** `everleaf service list PROJECT` */
export const listServicesCommand: Command<{ project: string }> = async (context, { project }) => {
  await requireProjectNamed(context, project);
  const services = await withServices(context, (all) => all.services.list(project));
  context.output.show({
    value: services.map(summaryOf),
    text: formatTable(
      ['NAME', 'TYPE', 'STATE', 'ADDRESS', 'CREATED'],
      services.map((one) => [
        one.name,
        one.type,
        stateOf(one),
        addressOf(one) ?? '-',
        formatTime(one.createdAt),
      ]),
    ),
  });
};

export interface CreateServiceOptions {
  readonly project: string;
  readonly name: string;
  readonly type: ServiceTypeName;
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly certificates: boolean;
  readonly techEmails: readonly string[];
  readonly validitySeconds: number | undefined;
  readonly renewBeforeSeconds: number | undefined;
  /** What is said of its servers. */
  readonly nodeConfig: JsonObject;
}

/** `everleaf service create PROJECT NAME` */
export const createServiceCommand: Command<CreateServiceOptions> = async (context, options) => {
  const { project, name, type, host, port, certificates, techEmails } = options;
  const { validitySeconds, renewBeforeSeconds } = options;
  const { actor, output } = context;
  const facts = {
    techEmails: techEmails.map(readEmail),
    userConfig: {
      ...(certificates && type !== 'kafka' ? { certificate_authentication: true } : {}),
      ...options.nodeConfig,
    },
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(validitySeconds === undefined ? {} : { validitySeconds }),
    ...(renewBeforeSeconds === undefined ? {} : { renewBeforeSeconds }),
  };
  const service = await withServices(context, async (all) => {
    await all.changeServices.create({ project, name, type, facts, actor });
    return namedService(all, { project, name });
  });
  output.show({ value: summaryOf(service), text: textOf(service) });
};

/** `everleaf service show PROJECT NAME` */
export const showServiceCommand: Command<{ project: string; name: string }> = async (
  context,
  named,
) => {
  const service = await withServices(context, (all) => namedService(all, named));
  context.output.show({ value: summaryOf(service), text: textOf(service) });
};

/** `everleaf service delete PROJECT NAME` */
export const deleteServiceCommand: Command<{ project: string; name: string }> = async (
  { actor, output, ...context },
  { project, name },
) => {
  await withServices(context, async (all) => {
    await namedService(all, { project, name });
    await all.changeServices.remove({ project, name, actor });
  });
  output.show({
    value: { project, name, state: 'deleted' },
    text: `The service ${name} is deleted, and the certificates of its users and servers are revoked.`,
  });
};

function summaryOf(service: Service) {
  return {
    project: service.project,
    name: service.name,
    type: service.type,
    state: stateOf(service),
    address: addressOf(service),
    certificates: hasCertificates(service),
    nodeHosts: nodeHostsOf(service),
    clientsTrust: clientsTrustOf(service),
    techEmails: service.techEmails,
    certificateValidity: durationOf(service.validitySeconds),
    renewBefore: durationOf(service.renewBeforeSeconds),
    createdAt: rfc3339(service.createdAt),
    updatedAt: rfc3339(service.updatedAt),
  };
}

function textOf(service: Service): string {
  return formatFields({
    Name: service.name,
    Project: service.project,
    Type: service.type,
    State: stateOf(service),
    Address: addressOf(service),
    'Users authenticate by': hasCertificates(service) ? 'certificate' : 'password',
    'Further hosts': nodeHostsOf(service).join(' ') || null,
    'Clients trust': trustWords[clientsTrustOf(service)],
    'Technical addresses': service.techEmails.length === 0 ? null : service.techEmails.join(' '),
    'Validity of certificates': durationOf(service.validitySeconds),
    'Renewed before the end': durationOf(service.renewBeforeSeconds),
    Created: formatTime(service.createdAt),
    Changed: formatTime(service.updatedAt),
  });
}

const trustWords = { project_ca: 'the CA of the project', browser: 'what browsers trust' } as const;

function stateOf({ isPowered }: Service): string {
  return isPowered ? 'running' : 'off';
}

function addressOf({ host, port }: Service): string | null {
  return host === '' ? null : `${host}:${String(port)}`;
}

function durationOf(seconds: number | null): string | null {
  return seconds === null ? null : formatDuration(seconds);
}
