import { toPem } from '../authority/chains.js';
import type { ProjectCa } from '../authority/project-authorities.js';
import { formatDuration } from '../duration.js';
import { isoTime } from '../iso-time.js';
import { describeClientCa } from './client-ca.js';
import { connectionLines } from './connection-lines.js';
import { serviceTypeOf } from './service-types.js';
import type { ServiceUserAnswer } from './service-user-answers.js';
import { hasCertificates } from './service.js';
import type { Service } from './service.js';

/** What clients expect of a service although Everleaf does not run it. */
const notRun = {
  node_count: 0,
  project_vpc_id: null,
  service_integrations: [],
  service_notifications: [],
  termination_protection: false,
} as const;

/** A service on the wire, with its users as they have been described and the CA of its project. */
export function describeService(
  service: Service,
  users: readonly ServiceUserAnswer[],
  ca: ProjectCa,
): object {
  const { name, type, plan, cloud, isPowered, host, port, userConfig, techEmails } = service;
  return {
    ...notRun,
    service_name: name,
    service_type: type,
    service_type_description: serviceTypeOf(type).description,
    state: isPowered ? 'RUNNING' : 'POWEROFF',
    cloud_name: cloud,
    plan,
    create_time: isoTime(service.createdAt),
    update_time: isoTime(service.updatedAt),
    service_uri: host === '' ? null : uriOf(service, users),
    service_uri_params: host === '' ? {} : { host, port: String(port) },
    components: host === '' ? [] : [describeComponent(service)],
    connection_info: host === '' ? {} : describeConnection(service, users),
    connection_lines: connectionLines(service, primaryOf(users)?.username),
    client_ca: describeClientCa(service, toPem(ca.certificates)),
    users,
    tech_emails: techEmails.map((email) => ({ email })),
    user_config: { ...userConfig, ...(host === '' ? {} : { host }), port },
    certificate_validity: durationOf(service.validitySeconds),
    renew_before: durationOf(service.renewBeforeSeconds),
    trust_update: service.trustUpdate,
    presented_ca_sha256: ca.presentedAt(service.trustUpdate).certificate.sha256,
  };
}

/** Without a password: it would end in logs. */
function uriOf({ type, host, port }: Service, users: readonly ServiceUserAnswer[]): string {
  const address = `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
  const { scheme, path = '' } = serviceTypeOf(type);
  if (scheme === undefined) return address;
  const user = primaryOf(users)?.username ?? '';
  return `${scheme}://${user === '' ? '' : `${encodeURIComponent(user)}@`}${address}${path}`;
}

function describeComponent(service: Service): object {
  const { type, host, port } = service;
  return {
    component: type,
    host,
    port,
    route: 'dynamic',
    usage: 'primary',
    ssl: true,
    ...(type === 'kafka'
      ? { kafka_authentication_method: hasCertificates(service) ? 'certificate' : 'sasl' }
      : {}),
  };
}

/** Derived from the primary user at each answer: what is stored twice disagrees one day. */
function describeConnection(service: Service, users: readonly ServiceUserAnswer[]): object {
  const { type } = service;
  const primary = primaryOf(users);
  const pair = {
    ...(primary?.access_cert === undefined ? {} : { [`${type}_access_cert`]: primary.access_cert }),
    ...(primary?.access_key === undefined ? {} : { [`${type}_access_key`]: primary.access_key }),
  };
  return { [type]: [uriOf(service, users)], ...pair };
}

function primaryOf(users: readonly ServiceUserAnswer[]): ServiceUserAnswer | undefined {
  return users.find((one) => one.type === 'primary');
}

function durationOf(seconds: number | null): string | null {
  return seconds === null ? null : formatDuration(seconds);
}
