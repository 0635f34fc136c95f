import { z } from 'zod';
import { Failure } from '../failure.js';
import { readJsonObject } from '../http/json-object.js';
import type { ServiceFacts } from './change-services.js';
import { clientsTrusts } from './client-ca.js';
import { isNodeHost } from './node-hosts.js';
import { judgePlainJson } from './plain-json.js';
import { durationValue, techEmailsValue, textValue } from './project-requests.js';
import { isHost } from './service-names.js';
import { serviceTypeNames } from './service-types.js';
import type { ServiceTypeName } from './service-types.js';
import type { JsonObject, Service } from './service.js';

const typeValue = z.enum(serviceTypeNames, {
  error: 'has to be a type that service_types lists',
});

/** Any object: what is in it belongs to the service. */
export const objectValue = z.record(z.string(), z.unknown(), { error: 'has to be an object' });

const booleanValue = z.boolean({ error: 'has to be true or false' });

const hostValue = z
  .string({ error: 'has to be a host name or an address' })
  .refine(isHost, 'has to be a host name or an address');

const portValue = z
  .int({ error: 'has to be a whole number from 1 to 65535' })
  .min(1, 'has to be a whole number from 1 to 65535')
  .max(65_535, 'has to be a whole number from 1 to 65535');

const mostNodeHosts = 200;

const nodeHostsValue = z
  .array(
    z.string({ error: 'has to be a host name or an address' }).refine(isNodeHost, {
      error: 'has to be a host name, *. and one, or an address',
    }),
    { error: 'has to be a list of host names and addresses' },
  )
  .max(mostNodeHosts, `has at most ${String(mostNodeHosts)} hosts`);

const clientsTrustValue = z.enum(clientsTrusts, {
  error: `has to be one of ${clientsTrusts.join(', ')}`,
});

const userConfigValue = z.looseObject(
  {
    host: hostValue.nullish(),
    port: portValue.nullish(),
    hosts: nodeHostsValue.nullish(),
    clients_trust: clientsTrustValue.nullish(),
    certificate_authentication: booleanValue.nullish(),
    kafka_authentication_methods: z
      .looseObject({ certificate: booleanValue.optional() }, { error: 'has to be an object' })
      .nullish(),
  },
  { error: 'has to be an object' },
);

const facts = {
  plan: textValue.nullish(),
  cloud: textValue.nullish(),
  tech_emails: techEmailsValue.nullish(),
  user_config: userConfigValue.nullish(),
  certificate_validity: durationValue.nullish(),
  renew_before: durationValue.nullish(),
  termination_protection: booleanValue.nullish(),
};

/** The body that creates a service. */
export const newService = z.object({
  ...facts,
  service_name: z.string({ error: 'has to be a string' }),
  service_type: typeValue,
});
/** The body that changes a service. */
export const changedService = z.object({ ...facts, powered: booleanValue.nullish() });

/** `{service_name, service_type, plan?, cloud?, user_config?, tech_emails?, certificate_validity?, renew_before?}` */
export function readNewService(body: Uint8Array): {
  name: string;
  type: ServiceTypeName;
  facts: Partial<ServiceFacts>;
} {
  const parsed = readJsonObject(body, newService);
  const { service_name: name, service_type: type } = parsed;
  return { name, type, facts: factsOf(parsed, { userConfig: {} }) };
}

/** The same but for name and type, and `powered`; of `user_config` what is named changes, and null takes it out. */
export function readChangedService(
  body: Uint8Array,
): (service: Pick<Service, 'userConfig'>) => Partial<ServiceFacts> {
  const parsed = readJsonObject(body, changedService);
  const powered = typeof parsed.powered === 'boolean' ? { isPowered: parsed.powered } : {};
  return (service) => ({ ...factsOf(parsed, service), ...powered });
}

function factsOf(
  parsed: Omit<z.output<typeof changedService>, 'powered'>,
  service: Pick<Service, 'userConfig'>,
): Partial<ServiceFacts> {
  const { plan, cloud, tech_emails, user_config, certificate_validity, renew_before } = parsed;
  if (parsed.termination_protection === true) {
    throw new Failure(
      'field-invalid',
      'termination_protection is not offered: send false, or leave it out.',
    );
  }
  return {
    ...(typeof plan === 'string' ? { plan } : {}),
    ...(typeof cloud === 'string' ? { cloud } : {}),
    ...(tech_emails ? { techEmails: tech_emails } : {}),
    ...(user_config ? configOf(user_config, service.userConfig) : {}),
    ...(certificate_validity === undefined ? {} : { validitySeconds: certificate_validity }),
    ...(renew_before === undefined ? {} : { renewBeforeSeconds: renew_before }),
  };
}

function configOf(
  { host, port, ...named }: z.output<typeof userConfigValue>,
  before: JsonObject,
): Partial<ServiceFacts> {
  const merged = { ...before, ...judgePlainJson(named, 'user_config') };
  const kept = Object.entries(merged).filter(([, value]) => value !== null);
  return {
    userConfig: Object.fromEntries(kept),
    ...(typeof host === 'string' ? { host } : {}),
    ...(typeof port === 'number' ? { port } : {}),
  };
}
