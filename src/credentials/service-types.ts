import { clientsTrusts } from './client-ca.js';

/** What is to be known of a type of service. */
export interface ServiceType {
  readonly description: string;
  readonly port: number;
  /** Of its URI; undefined where clients take `host:port`. */
  readonly scheme?: string;
  /** What follows the port in its URI. */
  readonly path?: string;
}

/** The types of service by name. */
export const serviceTypes = {
  kafka: { description: 'Apache Kafka', port: 9093 },
  pg: {
    description: 'PostgreSQL',
    port: 5432,
    scheme: 'postgres',
    path: '/defaultdb?sslmode=require',
  },
  mysql: {
    description: 'MySQL',
    port: 3306,
    scheme: 'mysql',
    path: '/defaultdb?ssl-mode=REQUIRED',
  },
  valkey: { description: 'Valkey', port: 6379, scheme: 'valkeys' },
  opensearch: { description: 'OpenSearch', port: 9200, scheme: 'https' },
  clickhouse: { description: 'ClickHouse', port: 9440, scheme: 'clickhouse' },
  cassandra: { description: 'Apache Cassandra', port: 9042 },
  other: { description: 'Any other service', port: 443 },
} as const satisfies Readonly<Record<string, ServiceType>>;

export type ServiceTypeName = keyof typeof serviceTypes;

/** The names of the types. */
export const serviceTypeNames = Object.keys(serviceTypes) as readonly ServiceTypeName[];

/** Whether a word from outside is a type of service. */
export function isServiceType(word: string): word is ServiceTypeName {
  return Object.hasOwn(serviceTypes, word);
}

/** What is to be known of the type that a service on record has. */
export function serviceTypeOf(name: string): ServiceType {
  return serviceTypes[isServiceType(name) ? name : 'other'];
}

/** A type on the wire; `avn service create -c KEY=VALUE` reads the schema. */
export function describeServiceType(name: ServiceTypeName): object {
  const { description, port } = serviceTypes[name];
  return {
    service_type: name,
    description,
    default_version: null,
    latest_available_version: null,
    service_plans: [],
    user_config_schema: userConfigSchema(name, port),
  };
}

/** JSON Schema of what a service can be told. */
function userConfigSchema(name: ServiceTypeName, port: number): object {
  const authentication =
    name === 'kafka'
      ? {
          kafka_authentication_methods: {
            type: 'object',
            title: 'How users authenticate',
            properties: {
              certificate: { type: 'boolean', title: 'By certificate', default: true },
              sasl: { type: 'boolean', title: 'By password', default: false },
            },
          },
        }
      : {
          certificate_authentication: {
            type: 'boolean',
            title: 'Users authenticate by certificate',
            default: false,
          },
        };
  return {
    type: 'object',
    title: 'What clients have to know of the service',
    additionalProperties: true,
    properties: {
      host: { type: 'string', title: 'Host that clients connect to', maxLength: 253 },
      port: { type: 'integer', title: 'Its port', minimum: 1, maximum: 65_535, default: port },
      hosts: {
        type: 'array',
        title: 'Further hosts that its server certificates may name',
        items: { type: 'string', maxLength: 255 },
        maxItems: 200,
      },
      clients_trust: {
        type: 'string',
        title: 'What its server certificate comes from',
        enum: clientsTrusts,
        default: 'project_ca',
      },
      ...authentication,
    },
  };
}
