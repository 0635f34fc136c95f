import { z } from 'zod';
import type { DescribedRoutes } from '../http/described-route.js';
import { messageShape } from '../http/described-route.js';
import { changedService, newService } from './service-requests.js';
import {
  idempotencyKey,
  includeSecrets,
  objectShape,
  passedOverFields,
  service,
  serviceAnswer,
} from './service-shapes.js';
import { serviceTypeNames } from './service-types.js';

const serviceType = z.object({
  service_type: z.enum(serviceTypeNames),
  description: z.string(),
  default_version: z.null(),
  latest_available_version: z.null(),
  service_plans: z.array(objectShape),
  user_config_schema: objectShape.describe('JSON Schema.'),
});
const serviceTypesByName = z.record(z.string(), serviceType);

/** Says who was left out, where somebody was. */
const resetAnswer = serviceAnswer.extend({
  message: z.string().optional(),
  passed_over_count: passedOverFields.passed_over_count.optional(),
  passed_over: passedOverFields.passed_over.optional(),
});

const path = '/v1/project/:project/service';

/** Services and their types. */
export const servicesDescribed: DescribedRoutes = {
  tag: { name: 'Services', description: 'Services: each is run by somebody else.' },
  shapes: { Service: service, ServiceAnswer: serviceAnswer, ServiceType: serviceType },
  routes: [
    {
      id: 'ServiceList',
      call: `GET ${path}`,
      summary: 'The services of a project, with their users.',
      permission: 'project:read',
      query: includeSecrets,
      answer: z.object({ services: z.array(service) }),
    },
    {
      id: 'ServiceCreate',
      call: `POST ${path}`,
      summary: 'Creates a service with its primary user.',
      permission: 'services:write',
      body: newService,
      answer: serviceAnswer,
      refusals: ['name-invalid', 'exists-already'],
    },
    {
      id: 'ServiceGet',
      call: `GET ${path}/:service`,
      summary: 'One service, with its users.',
      permission: 'project:read',
      query: includeSecrets,
      answer: serviceAnswer,
    },
    {
      id: 'ServiceUpdate',
      call: `PUT ${path}/:service`,
      summary: 'Changes what is named; null takes it out.',
      permission: 'services:write',
      body: changedService,
      answer: serviceAnswer,
    },
    {
      id: 'ServiceDelete',
      call: `DELETE ${path}/:service`,
      summary: 'Deletes a service with its users and revokes their certificates.',
      permission: 'services:write',
      answer: messageShape,
    },
    {
      id: 'ServiceCredentialsReset',
      call: `PUT ${path}/:service/credentials/reset`,
      summary: 'A new password, key and certificate for every user that no access owns.',
      permission: 'service:users:write',
      headers: idempotencyKey,
      answer: resetAnswer,
      refusals: ['state-conflict'],
    },
    {
      id: 'ListProjectServiceTypes',
      call: 'GET /v1/project/:project/service_types',
      summary: 'The types that a service can have.',
      permission: 'project:read',
      answer: z.object({ service_types: serviceTypesByName }),
    },
    {
      id: 'ProjectServiceTypeGet',
      call: 'GET /v1/project/:project/service-types/:type',
      summary: 'One type.',
      permission: 'project:read',
      answer: serviceType.extend({ service_types: serviceTypesByName }),
    },
  ],
};
