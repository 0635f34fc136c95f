import type { FailureKind } from '../failure.js';
import { apiOperations } from './api-operations.js';
import type { ApiOperation } from './api-operations.js';
import { apiSchemas } from './api-schemas.js';
import type { Mode } from './client.js';
import { connectorDialect } from './failures.js';
import { writeYaml } from './write-yaml.js';
import type { YamlValue } from './write-yaml.js';

type YamlObject = Readonly<Record<string, YamlValue>>;

/**
 * OpenAPI allows a path once. The internal API repeats one of the external API on its own listener, so its paths are
 * relative to a server that ends with this prefix.
 */
const internalPrefix = '/v1';

/** The OpenAPI 3.0.3 description of the Connector Service API in a mode. */
export function describeApi(mode: Mode): YamlObject {
  return {
    openapi: '3.0.3',
    info: {
      title: 'Everleaf Connector Service API',
      version: '1',
      description:
        'A client pairs with a one-time token and renews its certificate over mutual TLS.',
    },
    servers: [{ url: '/', description: 'The gateway listener.' }],
    tags: [
      { name: 'external', description: 'For clients, on the gateway listener.' },
      { name: 'internal', description: 'For operators, on the admin listener.' },
    ],
    paths: Object.fromEntries(
      apiOperations(mode).map((operation) => [keyOf(operation), pathOf(operation)]),
    ),
    components: { securitySchemes, schemas: apiSchemas(mode) },
  };
}

/** The same as YAML: what /v1/api.yaml answers. */
export function makeApiDocument(mode: Mode): string {
  return writeYaml(describeApi(mode));
}

const securitySchemes = {
  token: {
    type: 'apiKey',
    in: 'query',
    name: 'token',
    description: 'A one-time token; its two = at the end raw or as %3D.',
  },
  operator: {
    type: 'http',
    scheme: 'bearer',
    description: 'An access token with the role administrator or issuer.',
  },
};

function keyOf({ api, path }: ApiOperation): string {
  return api === 'internal' ? path.slice(internalPrefix.length) : path;
}

function pathOf(operation: ApiOperation): YamlObject {
  if (operation.api === 'external') return { [operation.method]: describe(operation) };
  const adminUrl = { default: 'https://localhost:9443', description: 'The admin listener.' };
  return {
    servers: [{ url: `{adminUrl}${internalPrefix}`, variables: { adminUrl } }],
    [operation.method]: describe(operation),
  };
}

function describe(operation: ApiOperation): YamlObject {
  const { api, id, summary, access, body, headers } = operation;
  return {
    operationId: id,
    tags: [api],
    summary,
    ...(api === 'internal' ? { 'x-internal': true } : {}),
    // OpenAPI 3.0 has no word for mutual TLS.
    ...(access === 'certificate' ? { 'x-client-certificate': 'required' } : {}),
    security: access === 'token' || access === 'operator' ? [{ [access]: [] }] : [],
    ...(headers === undefined ? {} : { parameters: headers.map(describeHeader) }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: body.required, content: json(body.schema) } }),
    responses: { ...success(operation), ...refusals(operation.refusals) },
  };
}

function describeHeader(name: string): YamlObject {
  return {
    name,
    in: 'header',
    required: true,
    description: `The name of the ${name.toLowerCase()}, in UTF-8.`,
    schema: { type: 'string', minLength: 1, maxLength: 64 },
  };
}

function success({ status, answer, id }: ApiOperation): YamlObject {
  if (status === 301) {
    const location = { schema: { type: 'string' }, description: 'The path of this document.' };
    return { [status]: { description: 'It is elsewhere.', headers: { Location: location } } };
  }
  if (answer !== undefined) return { [status]: { description: answer, content: json(answer) } };
  return id === 'getDocument'
    ? { [status]: { description: 'OpenAPI.', content: { 'application/yaml': {} } } }
    : { [status]: { description: 'Done; the body is empty.' } };
}

/** One answer for each status, with the reasons that it may give. */
function refusals(kinds: readonly FailureKind[]): YamlObject {
  const statuses = [...new Set(kinds.map((kind) => connectorDialect.statuses[kind]))];
  return Object.fromEntries(
    statuses.map((status) => {
      const reasons = kinds.filter((kind) => connectorDialect.statuses[kind] === status);
      return [String(status), refusal(status, reasons)];
    }),
  );
}

function refusal(status: number, reasons: readonly FailureKind[]): YamlObject {
  const wait = { schema: { type: 'integer' }, description: 'Seconds to wait.' };
  return {
    description: `The reason is ${reasons.join(', ')}.`,
    ...(status === 429 || status === 503 ? { headers: { 'Retry-After': wait } } : {}),
    content: json('Failure'),
    'x-reasons': [...reasons],
  };
}

function json(schema: string): YamlObject {
  return { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } };
}
