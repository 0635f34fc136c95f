import { z } from 'zod';
import type { DescribedRoutes } from '../http/described-route.js';
import { emptyShape, timeShape } from '../http/described-route.js';
import { changedGroup, changedMembers, newGroup } from './group-requests.js';

const organization = z.object({
  organization_id: z.string(),
  account_id: z.string().describe('The same: an organization is its own account.'),
  organization_name: z.string(),
  tier: z.string(),
  default_governance_user_group_id: z.string().nullable(),
  create_time: timeShape,
  update_time: timeShape,
});

const person = z.object({
  user_id: z.string(),
  user_info: z.object({
    user_email: z.string(),
    real_name: z.string(),
    state: z.string(),
    create_time: timeShape,
    is_application_user: z.boolean(),
    managed_by_scim: z.boolean(),
  }),
  join_time: timeShape,
  last_activity_time: timeShape.nullable(),
});

const group = z.object({
  user_group_id: z.string(),
  user_group_name: z.string(),
  description: z.string(),
  managed_by_scim: z.boolean(),
  create_time: timeShape,
  update_time: timeShape,
});

const path = '/v1/organization/:organization';
const groups = `${path}/user-groups` as const;
const asMember = { permission: 'member of the organization' } as const;
const asAdmin = { permission: 'admin of the organization' } as const;

/** Organisations and their groups. */
export const organizationsDescribed: DescribedRoutes = {
  tag: { name: 'Organizations', description: 'Organizations, their members and their groups.' },
  shapes: { Organization: organization, Person: person, Group: group, Empty: emptyShape },
  routes: [
    {
      id: 'UserOrganizationsList',
      call: 'GET /v1/organizations',
      summary: 'The organizations that the user is a member of.',
      answer: z.object({ organizations: z.array(organization) }),
    },
    {
      ...asMember,
      id: 'OrganizationGet',
      call: `GET ${path}`,
      summary: 'One organization.',
      answer: organization,
    },
    {
      ...asMember,
      id: 'OrganizationUserList',
      call: `GET ${path}/user`,
      summary: 'The members of an organization.',
      answer: z.object({ users: z.array(person.extend({ is_super_admin: z.boolean() })) }),
    },
    {
      ...asMember,
      id: 'UserGroupsList',
      call: `GET ${groups}`,
      summary: 'The groups of an organization.',
      answer: z.object({
        user_groups: z.array(group.extend({ member_count: z.int().min(0) })),
      }),
    },
    {
      ...asAdmin,
      id: 'UserGroupCreate',
      call: `POST ${groups}`,
      summary: 'Creates a group.',
      body: newGroup,
      answer: group,
      refusals: ['name-invalid', 'exists-already'],
    },
    {
      ...asMember,
      id: 'UserGroupGet',
      call: `GET ${groups}/:group`,
      summary: 'One group.',
      answer: group,
    },
    {
      ...asAdmin,
      id: 'UserGroupUpdate',
      call: `PATCH ${groups}/:group`,
      summary: 'Changes name and description.',
      body: changedGroup,
      answer: group,
      refusals: ['name-invalid', 'exists-already'],
    },
    {
      ...asAdmin,
      id: 'UserGroupDelete',
      call: `DELETE ${groups}/:group`,
      summary: 'Deletes a group that owns nothing.',
      answer: emptyShape,
      refusals: ['state-conflict'],
    },
    {
      ...asMember,
      id: 'UserGroupMemberList',
      call: `GET ${groups}/:group/members`,
      summary: 'The members of a group.',
      answer: z.object({ members: z.array(person) }),
    },
    {
      ...asAdmin,
      id: 'UserGroupMembersUpdate',
      call: `PATCH ${groups}/:group/members`,
      summary: 'Adds members to a group or removes them.',
      body: changedMembers,
      answer: emptyShape,
    },
  ],
};
