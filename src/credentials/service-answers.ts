import type { RecordedAuthority } from '../authority/authority.js';
import { formatDuration } from '../duration.js';
import { isoTime } from '../http/iso-time.js';
import { caPairOf, presentedCa } from './ca-rotation-policy.js';
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

/** A service on the wire, with its users as they have been described. */
export function describeService(
  service: Service,
  users: readonly ServiceUserAnswer[],
  authorities: readonly RecordedAuthority[],
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
    users,
    tech_emails: techEmails.map((email) => ({ email })),
    user_config: { ...userConfig, ...(host === '' ? {} : { host }), port },
    certificate_validity: durationOf(service.validitySeconds),
    renew_before: durationOf(service.renewBeforeSeconds),
    trust_update: service.trustUpdate,
    presented_ca_sha256: presentedSha256(authorities, service.trustUpdate),
  };
}

/** Of the CA that the server certificate of the service should come from now. */
function presentedSha256(
  authorities: readonly RecordedAuthority[],
  trustUpdate: number,
): string | null {
  const pair = caPairOf(authorities);
  return pair ? presentedCa(pair, trustUpdate).certificate.sha256 : null;
}

/** Without a password: it would end in logs. */
function uriOf({ type, host, port }: Service, users: readonly ServiceUserAnswer[]): string {
  const address = `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
  const { scheme, path = '' } = serviceTypeOf(type);
  if (scheme === undefined) return address;
  const user = users.find((one) => one.type === 'primary')?.username ?? '';
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
  const primary = users.find((one) => one.type === 'primary');
  const pair = {
    ...(primary?.access_cert === undefined ? {} : { [`${type}_access_cert`]: primary.access_cert }),
    ...(primary?.access_key === undefined ? {} : { [`${type}_access_key`]: primary.access_key }),
  };
  return { [type]: [uriOf(service, users)], ...pair };
}

function durationOf(seconds: number | null): string | null {
  return seconds === null ? null : formatDuration(seconds);
}
