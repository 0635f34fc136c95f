import { z } from 'zod';
import type { DescribedRoutes } from '../http/described-route.js';
import { timeShape } from '../http/described-route.js';

const expiries = z.object({
  expiries: z.array(
    z.object({
      kind: z.enum(['service_user', 'project_ca']),
      project_name: z.string().nullable(),
      service_name: z.string().nullable(),
      username: z.string().nullable(),
      governance_access_id: z.string().optional().describe('The access that owns the user.'),
      state: z.enum(['current', 'pending']),
      not_valid_after_time: timeShape,
      certificate_sha256: z.string(),
      to_act: z.enum(['gateway', 'owners', 'members', 'admins', 'holder', 'operator']),
      advice: z.string().describe('For people.'),
    }),
  ),
  next_cursor: z.string().nullable(),
});

const asked = {
  takesBasic: true,
  query: {
    within: z.string().describe('A duration such as 90d, which it is where it is left out.'),
    limit: z.int().min(1).max(1000),
    cursor: z.string().describe('The next_cursor of the answer before.'),
    format: z.enum(['json', 'ics']).describe('ics: a calendar of RFC 5545.'),
  },
  answer: expiries,
  refusals: ['field-invalid'],
} as const;

/** What expires when. */
export const expiriesDescribed: DescribedRoutes = {
  tag: { name: 'Expiries', description: 'What ends when, and who has to do something.' },
  shapes: { Expiries: expiries },
  routes: [
    {
      ...asked,
      id: 'ProjectExpiryList',
      call: 'GET /v1/project/:project/expiries',
      summary: 'What ends of a project.',
      permission: 'project:read',
    },
    {
      ...asked,
      id: 'OrganizationExpiryList',
      call: 'GET /v1/organization/:organization/expiries',
      summary: 'What ends of the projects of an organisation that the user may read.',
      permission: 'member of the organization',
    },
  ],
};
