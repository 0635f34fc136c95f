import { z } from 'zod';
import type { DescribedRoutes } from '../http/described-route.js';
import { timeShape } from '../http/described-route.js';
import { newAccess } from './governance-requests.js';

const access = z.object({
  access_id: z.string(),
  access_name: z.string(),
  access_type: z.literal('KAFKA'),
  owner_user_group_id: z.string(),
  access_data: z.object({
    project_name: z.string(),
    service_name: z.string(),
    username: z.string(),
    acls: z.array(
      z.object({
        id: z.string(),
        resource_name: z.string(),
        resource_type: z.literal('Topic'),
        pattern_type: z.literal('LITERAL'),
        principal: z.string().describe('By the name of the user; brokers may have another one.'),
        operation: z.enum(['Read', 'Write']),
        permission_type: z.literal('ALLOW'),
        host: z.string(),
      }),
    ),
  }),
  create_time: timeShape,
  created_by: z.string().describe('Id of a user.'),
  credentials_user_id: z
    .string()
    .describe('Who alone may see the credentials that were made last; empty before the first.'),
  credentials_consumed: z.boolean().describe('Whether they have been seen.'),
  credentials_state: z.enum(['waiting', 'revealed', 'lapsed']).nullable(),
});

const oneAccess = z.object({ access });
const cursor = z.string().nullable();
const accesses = '/v1/organization/:organization/governance/access';
const asMember = { permission: 'member of the organization' } as const;
const asAdmin = { permission: 'admin of the organization' } as const;

/** Accesses: service users with the rights and the group that they belong to. */
export const accessesDescribed: DescribedRoutes = {
  tag: {
    name: 'Accesses',
    description:
      'Service users that a group owns: their credentials change with the consent of two of its members.',
  },
  shapes: { Access: access, OneAccess: oneAccess },
  routes: [
    {
      ...asMember,
      id: 'OrganizationGovernanceAccessList',
      call: `GET ${accesses}`,
      summary: 'The accesses of an organization, the oldest first.',
      query: {
        cursor: z.string().describe('first, last, next or prev of another answer.'),
        limit: z.int().min(1).describe('25 where it is left out; 100 is the most there is.'),
        resource_name: z.string().describe('Those with an ACL for exactly this topic.'),
        owner_user_group_id: z.string(),
      },
      answer: z.object({
        access: z.array(access),
        first: cursor,
        last: cursor,
        next: cursor,
        prev: cursor,
        total_count: z.int().min(0).describe('On all pages.'),
      }),
      refusals: ['field-invalid'],
    },
    {
      ...asAdmin,
      id: 'OrganizationGovernanceAccessCreate',
      call: `POST ${accesses}`,
      summary: 'Puts a user of a Kafka service under a group, and makes it where there is none.',
      body: newAccess,
      answer: oneAccess,
      refusals: ['name-invalid', 'exists-already', 'state-conflict'],
    },
    {
      ...asMember,
      id: 'OrganizationGovernanceAccessGet',
      call: `GET ${accesses}/:access`,
      summary: 'One access.',
      answer: oneAccess,
    },
    {
      ...asAdmin,
      id: 'OrganizationGovernanceAccessDelete',
      call: `DELETE ${accesses}/:access`,
      summary:
        'Deletes an access. The user stays; ACLs on the brokers stay, too: take them away before.',
      answer: z.object({ access_id: z.string() }),
    },
    {
      ...asMember,
      id: 'OrganizationGovernanceAccessKafkaAclsGet',
      call: `GET ${accesses}/:access/kafka-acls`,
      summary: 'A shell script that applies the ACLs of an access to the brokers, or removes them.',
      contentType: 'text/plain',
      answer: z.string(),
    },
  ],
};
