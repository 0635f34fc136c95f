import { z } from 'zod';
import { caRotationDescribed } from '../credentials/ca-rotation-openapi.js';
import { expiriesDescribed } from '../credentials/expiry-openapi.js';
import { membersDescribed, webhooksDescribed } from '../credentials/member-openapi.js';
import { projectsDescribed } from '../credentials/project-openapi.js';
import { renewalsDescribed } from '../credentials/renewal-openapi.js';
import { servicesDescribed } from '../credentials/service-openapi.js';
import { serviceUsersDescribed } from '../credentials/service-user-openapi.js';
import { accessesDescribed } from '../governance/access-openapi.js';
import { rotationsDescribed } from '../governance/rotation-openapi.js';
import type { DescribedRoute } from '../http/described-route.js';
import { organizationsDescribed } from '../people/organization-openapi.js';
import { peopleDescribed } from '../people/people-openapi.js';
import { makeNamedShapes } from './openapi-shapes.js';
import type { NamedShapes } from './openapi-shapes.js';
import { refusalsOf } from './openapi-refusals.js';

/** The rooms whose routes the document describes, in its order. */
const described = [
  peopleDescribed,
  organizationsDescribed,
  projectsDescribed,
  membersDescribed,
  servicesDescribed,
  serviceUsersDescribed,
  renewalsDescribed,
  caRotationDescribed,
  expiriesDescribed,
  webhooksDescribed,
  accessesDescribed,
  rotationsDescribed,
];

const error = z.object({
  message: z.string().describe('For people.'),
  errors: z.array(
    z.object({
      message: z.string(),
      status: z.int().min(400).max(599),
      error_code: z.string().describe('For programs; the words do not change.'),
    }),
  ),
  requestId: z.string().describe('Names the request in the log of the gateway.'),
});

/** The OpenAPI 3.1 description of what the admin listener serves to users, as /openapi.json has it. */
export function describeAdminApi(): object {
  const shared = described.flatMap((room) => Object.entries(room.shapes));
  const shapes = makeNamedShapes(Object.fromEntries([['Error', error], ...shared]));
  const paths: Record<string, Record<string, object>> = {};
  for (const { tag, routes } of described) {
    for (const route of routes) {
      const [method, path] = splitCall(route.call);
      const template = path.replaceAll(/:(\w+)/g, '{$1}');
      paths[template] = {
        ...paths[template],
        [method]: { tags: [tag.name], ...describeRoute(route, shapes) },
      };
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Everleaf',
      version: '1',
      description: 'People, projects, services and the credentials of their users.',
    },
    servers: [{ url: '/', description: 'The admin listener.' }],
    tags: described.map(({ tag }) => tag),
    paths,
    components: { schemas: shapes.schemas(), securitySchemes },
  };
}

const securitySchemes = {
  bearer: { type: 'http', scheme: 'bearer', description: 'The token of a user.' },
  aivenv1: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description: 'The same as `aivenv1 TOKEN`.',
  },
  basic: { type: 'http', scheme: 'basic', description: 'Any name, and the token as password.' },
};

function splitCall(call: DescribedRoute['call']): [method: string, path: string] {
  const [method = '', path = ''] = call.split(' ');
  return [method.toLowerCase(), path];
}

function describeRoute(route: DescribedRoute, shapes: NamedShapes): object {
  const { id, call, summary, isOpen, takesBasic, permission, query, headers, body, answer } = route;
  const { status = 200, contentType } = route;
  const pathNames = Array.from(call.matchAll(/:(\w+)/g), ([, name = '']) => name);
  return {
    operationId: id,
    summary,
    ...(permission === undefined ? {} : { description: `Permission: ${permission}.` }),
    security: isOpen
      ? []
      : [{ bearer: [] }, { aivenv1: [] }, ...(takesBasic ? [{ basic: [] }] : [])],
    parameters: [
      ...pathNames.map((name) => ({ name, in: 'path', required: true, schema: anyName })),
      ...parametersIn('query', query, shapes),
      ...parametersIn('header', headers, shapes),
    ],
    ...(body ? describeBody(route, shapes.json(body, `${id}In`)) : {}),
    responses: {
      [status]: {
        description: status === 202 ? 'Taken: it is done within minutes.' : 'Done.',
        content: contentType
          ? { [contentType]: { schema: shapes.inline(answer) } }
          : shapes.json(answer, `${id}Out`),
      },
      ...describeRefusals(route, shapes),
    },
  };
}

function describeBody({ isBodyOptional }: DescribedRoute, content: object): object {
  return { requestBody: { required: isBodyOptional !== true, content } };
}

const anyName = { type: 'string', minLength: 1 };

function parametersIn(
  place: 'query' | 'header',
  parameters: DescribedRoute['query'] = {},
  shapes: NamedShapes,
): object[] {
  return Object.entries(parameters).map(([name, shape]) => {
    const { description, ...schema } = shapes.inline(shape);
    return { name, in: place, description, schema };
  });
}

function describeRefusals(route: DescribedRoute, shapes: NamedShapes): object {
  return Object.fromEntries(
    refusalsOf(route).map(([status, kinds]) => {
      const wait = { description: 'Seconds to wait.', schema: { type: 'integer' } };
      const answer = {
        description: `error_code is ${kinds.join(', ')}.`,
        ...(kinds.includes('rate-limited') ? { headers: { 'Retry-After': wait } } : {}),
        content: shapes.json(error, 'Error'),
      };
      return [String(status), answer];
    }),
  );
}
