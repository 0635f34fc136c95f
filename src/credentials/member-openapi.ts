import { z } from 'zod';
import type { DescribedRoutes } from '../http/described-route.js';
import { emptyShape, messageShape, timeShape } from '../http/described-route.js';
import { projectRoles } from '../people/project-rights.js';
import { changedMember, invitation } from './project-requests.js';
import { newWebhook } from './webhook-routes.js';

const role = z.enum(projectRoles);

const member = z.object({
  user_email: z.string(),
  user_id: z.string(),
  real_name: z.string(),
  member_type: role,
  team_id: z.null(),
  team_name: z.null(),
  auth: z.array(z.string()),
  billing_contact: z.boolean(),
  create_time: timeShape,
});

const invited = z.object({
  invited_user_email: z.string(),
  inviting_user_email: z.string(),
  member_type: role,
  invite_time: timeShape,
});

const webhook = z.object({
  webhook_id: z.string(),
  url: z.string(),
  create_time: timeShape,
  created_by: z.string(),
});

const path = '/v1/project/:project';

/** Who belongs to a project. */
export const membersDescribed: DescribedRoutes = {
  tag: { name: 'Members', description: 'Members of a project and invitations.' },
  shapes: { Member: member, Invitation: invited },
  routes: [
    {
      id: 'ProjectUserList',
      call: `GET ${path}/users`,
      summary: 'Members and invitations.',
      permission: 'project:read',
      answer: z.object({ users: z.array(member), invitations: z.array(invited) }),
    },
    {
      id: 'ProjectInvite',
      call: `POST ${path}/invite`,
      summary: 'Makes a user a member, or invites who is no user yet.',
      permission: 'members:write',
      body: invitation,
      answer: messageShape,
      refusals: ['exists-already'],
    },
    {
      id: 'ProjectInviteDelete',
      call: `DELETE ${path}/invite/:email`,
      summary: 'Withdraws an invitation.',
      permission: 'members:write',
      answer: emptyShape,
    },
    {
      id: 'ProjectUserUpdate',
      call: `PUT ${path}/user/:email`,
      summary: 'Changes the role of a member.',
      permission: 'members:write',
      body: changedMember,
      answer: emptyShape,
      refusals: ['state-conflict'],
    },
    {
      id: 'ProjectUserRemove',
      call: `DELETE ${path}/user/:email`,
      summary: 'Removes a member.',
      permission: 'members:write',
      answer: emptyShape,
      refusals: ['state-conflict'],
    },
  ],
};

/** Who is told of a project's renewals by a POST. */
export const webhooksDescribed: DescribedRoutes = {
  tag: { name: 'Webhooks', description: 'Who is told of renewals by a signed POST.' },
  shapes: { Webhook: webhook },
  routes: [
    {
      id: 'ProjectWebhookList',
      call: `GET ${path}/webhooks`,
      summary: 'The webhooks of a project.',
      permission: 'project:write',
      answer: z.object({ webhooks: z.array(webhook) }),
    },
    {
      id: 'ProjectWebhookCreate',
      call: `POST ${path}/webhooks`,
      summary: 'Adds a webhook; its secret is shown this once.',
      permission: 'project:write',
      body: newWebhook,
      answer: z.object({ webhook: webhook.extend({ secret: z.string() }) }),
      refusals: ['state-conflict'],
    },
    {
      id: 'ProjectWebhookDelete',
      call: `DELETE ${path}/webhooks/:webhook`,
      summary: 'Removes a webhook.',
      permission: 'project:write',
      answer: emptyShape,
    },
  ],
};
