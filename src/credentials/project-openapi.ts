import { z } from 'zod';
import type { DescribedRoutes } from '../http/described-route.js';
import { emptyShape, timeShape } from '../http/described-route.js';
import { changedProject, newProject } from './project-requests.js';
import { durationShape, emailsShape, objectShape } from './service-shapes.js';

const project = z.object({
  project_name: z.string(),
  organization_id: z.string(),
  account_id: z.string(),
  default_cloud: z.string(),
  tech_emails: emailsShape,
  tags: objectShape,
  certificate_validity: durationShape,
  renew_before: durationShape,
  create_time: timeShape,
  update_time: timeShape,
  available_credits: z.null(),
  billing_address: z.null(),
  billing_currency: z.null(),
  billing_emails: emailsShape,
  billing_extra_text: z.null(),
  billing_group_id: z.null(),
  billing_group_name: z.null(),
  country: z.null(),
  country_code: z.null(),
  estimated_balance: z.null(),
  payment_method: z.null(),
  vat_id: z.null(),
});

const event = z.object({
  id: z.string(),
  time: timeShape,
  actor: z.string(),
  event_type: z.string(),
  event_desc: z.string(),
  service_name: z.string().nullable(),
});

const path = '/v1/project/:project';
const alerts = z.object({ alerts: z.array(objectShape) });

/** Projects, what befell them, and their CA. */
export const projectsDescribed: DescribedRoutes = {
  tag: { name: 'Projects', description: 'Projects, their events and their CA certificates.' },
  shapes: { Project: project, Alerts: alerts },
  routes: [
    {
      id: 'ProjectList',
      call: 'GET /v1/project',
      summary: 'The projects that the user is a member of.',
      answer: z.object({ projects: z.array(project) }),
    },
    {
      id: 'ProjectCreate',
      call: 'POST /v1/project',
      summary: 'Creates a project, and its CA; the user becomes its admin.',
      permission: 'admin of the organization',
      body: newProject,
      answer: z.object({ project }),
      refusals: ['name-invalid', 'exists-already', 'resource-unknown'],
    },
    {
      id: 'ProjectGet',
      call: `GET ${path}`,
      summary: 'One project.',
      permission: 'project:read',
      answer: z.object({ project }),
    },
    {
      id: 'ProjectUpdate',
      call: `PUT ${path}`,
      summary: 'Changes what is named; null takes a duration back.',
      permission: 'project:write',
      body: changedProject,
      answer: z.object({ project }),
    },
    {
      id: 'ProjectDelete',
      call: `DELETE ${path}`,
      summary: 'Deletes a project that has no services.',
      permission: 'project:write',
      answer: emptyShape,
      refusals: ['state-conflict'],
    },
    {
      id: 'ProjectGetEventLogs',
      call: `GET ${path}/events`,
      summary: 'What befell the project, the newest first.',
      permission: 'project:read',
      query: { limit: z.int().min(1).max(1000).describe('How many, 100 where it is left out.') },
      answer: z.object({ events: z.array(event) }),
      refusals: ['field-invalid'],
    },
    {
      id: 'ProjectKmsGetCA',
      call: `GET ${path}/kms/ca`,
      summary: 'The CA certificates to trust; several while the CA changes.',
      permission: 'project:read',
      answer: z.object({ certificate: z.string().describe('PEM, one or several blocks.') }),
    },
    {
      id: 'ProjectAlertsList',
      call: `GET ${path}/alerts`,
      summary: 'Always empty.',
      permission: 'project:read',
      answer: alerts,
    },
    {
      id: 'ServiceAlertsList',
      call: `GET ${path}/service/:service/alerts`,
      summary: 'Always empty.',
      permission: 'project:read',
      answer: alerts,
    },
    {
      id: 'VpcList',
      call: `GET ${path}/vpcs`,
      summary: 'Always empty.',
      permission: 'project:read',
      answer: z.object({ vpcs: z.array(objectShape) }),
    },
  ],
};
