import { z } from 'zod';
import type { DescribedRoutes } from '../http/described-route.js';
import { messageShape } from '../http/described-route.js';
import { exportFormatNames } from './export-format-names.js';
import { idempotencyKey, includeSecrets, serviceAnswer, serviceUser } from './service-shapes.js';
import { change, newUser } from './service-user-requests.js';

const users = '/v1/project/:project/service/:service/user';
const user = `${users}/:username` as const;

const asWriter = { permission: 'service:users:write' } as const;

/** Users of services and their credentials. */
export const serviceUsersDescribed: DescribedRoutes = {
  tag: { name: 'Service users', description: 'Users of services and their credentials.' },
  shapes: { ServiceUser: serviceUser },
  routes: [
    {
      ...asWriter,
      id: 'ServiceUserCreate',
      call: `POST ${users}`,
      summary: 'Creates a user; its credentials are in the answer.',
      body: newUser,
      answer: messageShape.extend({ user: serviceUser }),
      refusals: ['name-invalid', 'exists-already'],
    },
    {
      id: 'ServiceUserGet',
      call: `GET ${user}`,
      summary: 'One user.',
      permission: 'project:read',
      query: includeSecrets,
      answer: z.object({ user: serviceUser }),
    },
    {
      ...asWriter,
      id: 'ServiceUserCredentialsModify',
      call: `PUT ${user}`,
      summary: 'Acknowledges a renewal, resets the credentials, or sets the access control.',
      headers: idempotencyKey,
      body: change,
      answer: serviceAnswer,
      refusals: ['state-conflict'],
    },
    {
      ...asWriter,
      id: 'ServiceUserDelete',
      call: `DELETE ${user}`,
      summary: 'Deletes a user and revokes its certificates.',
      answer: messageShape,
      refusals: ['state-conflict'],
    },
    {
      ...asWriter,
      id: 'ServiceUserCredentialsReset',
      call: `PUT ${user}/credentials/reset`,
      summary: 'A new password, key and certificate at once.',
      headers: idempotencyKey,
      answer: serviceAnswer,
      refusals: ['state-conflict'],
    },
    {
      ...asWriter,
      id: 'ServiceUserCredentialsResetByPost',
      call: `POST ${user}/reset-credentials`,
      summary: 'The same, for clients that know this path.',
      headers: idempotencyKey,
      answer: serviceAnswer,
      refusals: ['state-conflict'],
    },
    {
      id: 'ServiceUserCredentialsDownload',
      call: `GET ${user}/credentials`,
      summary: 'All files that a client needs, of one pair.',
      permission: 'service:secrets:read',
      query: { format: z.enum(exportFormatNames).describe('pem where it is left out.') },
      answer: z.object({
        message: z.string().optional().describe('Where the key is with its holder.'),
        files: z.array(z.object({ name: z.string(), content: z.base64() })),
      }),
      refusals: ['field-invalid', 'state-conflict'],
    },
  ],
};
