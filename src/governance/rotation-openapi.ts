import { z } from 'zod';
import type { DescribedRoutes } from '../http/described-route.js';
import { timeShape } from '../http/described-route.js';
import { longestPage } from '../http/page-query.js';
import { approval, declination, newRotation } from './governance-requests.js';
import { oldCertificateFates, rotationStates } from './rotation-policy.js';

const rotation = z.object({
  rotation_id: z.string(),
  access_id: z.string(),
  type: z.literal('rotate-credentials'),
  state: z.enum(rotationStates),
  requester_user_id: z.string(),
  message: z.string(),
  revoke_old: z.enum(oldCertificateFates),
  create_time: timeShape,
  lapse_time: timeShape.describe('Until when it may be decided on.'),
  decided_by_user_id: z.string().nullable(),
  decide_time: timeShape.nullable(),
  decision: z.string().nullable().describe('What the decider said.'),
  failure: z.string().nullable().describe('Why there are no new credentials.'),
  credentials_state: z.enum(['waiting', 'revealed', 'lapsed']).nullable(),
  credentials_lapse_time: timeShape.nullable().describe('Until when they may be revealed.'),
  certificate_sha256: z.string().nullable(),
  reveal_time: timeShape.nullable(),
  revoke_old_time: timeShape.nullable().describe('When the old certificates are revoked.'),
});

const may = z
  .object({ decide: z.boolean(), delete: z.boolean(), reveal: z.boolean() })
  .describe('What the user may do now.');

const named = rotation.extend({
  requester_email: z.string(),
  decided_by_email: z.string().nullable(),
  access_name: z.string(),
  project_name: z.string(),
  service_name: z.string(),
  username: z.string(),
  may,
});

const group = z.object({ user_group_id: z.string(), user_group_name: z.string() });

const listed = named.extend({ owner_user_group: group });

const shown = named.extend({
  acls: z.array(
    z.object({
      resource_name: z.string(),
      operation: z.enum(['Read', 'Write']),
      host: z.string(),
    }),
  ),
  owner_user_group: group.extend({
    members: z.array(z.object({ user_id: z.string(), user_email: z.string() })),
  }),
  present_certificate: z.object({ sha256: z.string(), not_valid_after_time: timeShape }).nullable(),
  digest: z
    .string()
    .optional()
    .describe('Of all that is shown, while the request is pending: an approval sends it back.'),
});

const page = z.object({ rotations: z.array(listed), next_cursor: z.string().nullable() });

const revealed = z.object({
  message: z.string().describe('For people.'),
  rotation,
  credentials: z.object({
    username: z.string(),
    password: z.string(),
    access_cert: z.string().describe('PEM.'),
    access_cert_not_valid_after_time: timeShape,
    access_key: z.string().describe('PKCS #8, PEM.'),
    ca_cert: z.string().describe('PEM, one block or several.'),
  }),
  files: z
    .array(z.object({ name: z.string(), content: z.string().describe('Base64.') }))
    .describe('The same as PEM files, PKCS #12 and what Java reads.'),
});

const answer = z.object({ rotation });
const one = '/v1/organization/:organization/governance/access/:access/rotations';
const asMember = { permission: 'member of the group that owns the access' } as const;
const asViewer = {
  permission: 'member of the group that owns the access, or admin of the organization',
} as const;

const listing = {
  query: {
    state: z.string().describe(`One or several, with commas, of ${rotationStates.join(', ')}.`),
    access_name: z.string().describe('A part of the name.'),
    requester_user_id: z.string(),
    owner_user_group_id: z.string(),
    limit: z.int().min(1).max(longestPage),
    cursor: z.string().describe('The next_cursor of the answer before.'),
  },
  answer: page,
  refusals: ['field-invalid'],
} as const;
const listingOfAll = {
  ...listing,
  query: { ...listing.query, access_id: z.string() },
  permission: 'member of the organization',
} as const;

/** Requests for new credentials of an access, from the asking to the one reveal. */
export const rotationsDescribed: DescribedRoutes = {
  tag: {
    name: 'Rotations',
    description: 'New credentials of an access, with the consent of another member of its group.',
  },
  shapes: { Rotation: rotation, ListedRotation: listed, RotationRequest: shown, Rotations: page },
  routes: [
    {
      ...listingOfAll,
      id: 'RotationList',
      call: 'GET /v1/organization/:organization/governance/rotations',
      summary: 'The requests of the groups of the user, newest first; to admins those of all.',
    },
    {
      ...listingOfAll,
      id: 'ApprovalList',
      call: 'GET /v1/organization/:organization/governance/approvals',
      summary: 'The requests that the user may decide on now, newest first.',
    },
    {
      ...asViewer,
      ...listing,
      id: 'AccessRotationList',
      call: `GET ${one}`,
      summary: 'The requests of one access, newest first.',
    },
    {
      ...asMember,
      id: 'RotationRequest',
      call: `POST ${one}`,
      summary: 'Asks the other members for new credentials.',
      body: newRotation,
      answer,
      refusals: ['state-conflict'],
    },
    {
      ...asViewer,
      id: 'RotationGet',
      call: `GET ${one}/:rotation`,
      summary: 'One request with all that an approval binds.',
      answer: z.object({ rotation: shown }),
    },
    {
      permission: 'author of the request',
      id: 'RotationDelete',
      call: `DELETE ${one}/:rotation`,
      summary: 'Takes a pending request back.',
      answer,
      refusals: ['state-conflict'],
    },
    {
      ...asMember,
      id: 'RotationApprove',
      call: `POST ${one}/:rotation/approve`,
      summary: 'Consents to what the digest stands for, and makes the credentials.',
      body: approval,
      answer,
      refusals: ['state-conflict'],
    },
    {
      ...asMember,
      id: 'RotationDecline',
      call: `POST ${one}/:rotation/decline`,
      summary: 'Refuses a pending request.',
      body: declination,
      answer,
      refusals: ['state-conflict'],
    },
    {
      permission: 'author of the request',
      id: 'RotationReveal',
      call: `POST ${one}/:rotation/reveal`,
      summary: 'Hands out the new credentials, once.',
      answer: revealed,
      refusals: ['state-conflict', 'handed-out-already'],
    },
  ],
};
