import { z } from 'zod';
import { timeShape } from '../http/described-route.js';
import { clientsTrusts } from './client-ca.js';
import { redacted } from './plain-json.js';
import { passedOverFor as passedOver } from './renew-now-policy.js';
import type { PassedOverFor } from './renew-now-policy.js';
import { serviceTypeNames } from './service-types.js';

/** A setting that may be left to whatever is above. */
export const durationShape = z
  .string()
  .nullable()
  .describe('As 820d; null: as the project has it, or the gateway.');

/** Addresses as clients know them. */
export const emailsShape = z.array(z.object({ email: z.string() }));

/** Anything by name. */
export const objectShape = z.record(z.string(), z.unknown());

/** A service user on the wire. */
export const serviceUser = z.object({
  username: z.string(),
  type: z.enum(['primary', 'normal']),
  password: z
    .string()
    .nullable()
    .describe(`Null where there is none, or without service:secrets:read; or ${redacted}.`),
  access_cert: z
    .string()
    .optional()
    .describe(
      'PEM of the newest certificate; absent where a rotation alone shows it, and the key.',
    ),
  access_key: z
    .string()
    .optional()
    .describe('PEM of its key, PKCS#8; absent where secrets are not shown.'),
  access_cert_not_valid_after_time: timeShape.optional(),
  expiring_cert_not_valid_after_time: timeShape
    .optional()
    .describe('The end of the certificate before, while its renewal is not acknowledged.'),
  recipients: emailsShape.describe('Who else hears of a renewal.'),
  access_control: objectShape,
  authentication: z.string().optional(),
  governance_access_id: z
    .string()
    .optional()
    .describe('The access that owns the user: its credentials change by approved rotations alone.'),
  password_updated_time: timeShape.optional(),
});

/** A service on the wire, users included. */
export const service = z.object({
  service_name: z.string(),
  service_type: z.enum(serviceTypeNames),
  service_type_description: z.string(),
  state: z.enum(['RUNNING', 'POWEROFF']),
  cloud_name: z.string(),
  plan: z.string(),
  create_time: timeShape,
  update_time: timeShape,
  service_uri: z.string().nullable(),
  service_uri_params: z.object({ host: z.string(), port: z.string() }).partial(),
  components: z.array(
    z.object({
      component: z.string(),
      host: z.string(),
      port: z.int().min(1).max(65_535),
      route: z.string(),
      usage: z.string(),
      ssl: z.boolean(),
      kafka_authentication_method: z.enum(['certificate', 'sasl']).optional(),
    }),
  ),
  connection_info: objectShape.describe('The URIs under the name of the type, and the pair.'),
  connection_lines: z.array(
    z.object({ mode: z.string(), line: z.string(), checks: z.string().describe('For people.') }),
  ),
  client_ca: z.object({
    trust: z.enum(clientsTrusts),
    certificate: z.string().nullable().describe('PEM, where it is the CA of the project.'),
  }),
  trust_update: z.int().min(0).max(2).describe('How far it is in a roll-over of the CA.'),
  presented_ca_sha256: z.string().describe('Of the CA of its server certificates now.'),
  users: z.array(serviceUser),
  tech_emails: emailsShape,
  user_config: objectShape,
  certificate_validity: durationShape,
  renew_before: durationShape,
  node_count: z.int().min(0),
  project_vpc_id: z.null(),
  service_integrations: z.array(objectShape),
  service_notifications: z.array(objectShape),
  termination_protection: z.boolean(),
});

const passedOverFor = Object.keys(passedOver) as PassedOverFor[];

/** Whom an order for many leaves as they are. */
export const passedOverFields = {
  passed_over_count: z.int().min(0),
  passed_over: z.array(
    z.object({
      service: z.string(),
      username: z.string(),
      reason: z.enum(passedOverFor),
      message: z.string(),
    }),
  ),
};

/** The whole service: what every change of it or of its users answers. */
export const serviceAnswer = z.object({ service });

/** Asks for secrets, or does without. */
export const includeSecrets = {
  include_secrets: z
    .enum(['true', 'false'])
    .describe('Whether to show passwords and keys; true needs service:secrets:read.'),
};

/** Tells a repeated order from another one. */
export const idempotencyKey = {
  'Idempotency-Key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/)
    .describe('An order that is sent twice with the same key is one order.'),
};
