import { Failure } from '../failure.js';

/** JSON as a client sent it, object at the top. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A JSON object as it is stored. Throws where the text is none. */
export function readJsonObject(json: string): JsonObject {
  const value: unknown = JSON.parse(json);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new Error('stored JSON is no object');
}

/** A service that somebody runs; Everleaf keeps the credentials of its users. Times and durations in seconds. */
export interface Service {
  readonly project: string;
  readonly name: string;
  /** kafka, pg, ... */
  readonly type: string;
  readonly plan: string;
  readonly cloud: string;
  readonly isPowered: boolean;
  readonly host: string;
  readonly port: number;
  readonly userConfig: JsonObject;
  /** Where there are any, they get the service's announcements instead of the project's. */
  readonly techEmails: readonly string[];
  /** Instead of the project's and the gateway's. */
  readonly validitySeconds: number | null;
  readonly renewBeforeSeconds: number | null;
  /** How far it is in a roll-over of the project's authority: 1 trusts both, 2 presents the new. */
  readonly trustUpdate: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/**
 * Whether its users authenticate by certificate. Kafka's do unless `kafka_authentication_methods.certificate` is false;
 * of other types those with `certificate_authentication` true.
 */
export function hasCertificates({
  type,
  userConfig,
}: Pick<Service, 'type' | 'userConfig'>): boolean {
  if (type !== 'kafka') return userConfig['certificate_authentication'] === true;
  const methods = userConfig['kafka_authentication_methods'];
  const isOff =
    typeof methods === 'object' &&
    methods !== null &&
    'certificate' in methods &&
    methods.certificate === false;
  return !isOff;
}

/** The refusal of what names no service. Not by its name: some clients would try again for a minute. */
export function serviceUnknown(): Failure {
  return new Failure('resource-unknown', 'Service not found.');
}
