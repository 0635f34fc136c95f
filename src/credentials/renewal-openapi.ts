import { z } from 'zod';
import type { DescribedRoutes } from '../http/described-route.js';
import { messageShape, timeShape } from '../http/described-route.js';
import {
  certificateRequest,
  recipients,
  renewal,
  revocation,
  selfService,
} from './renewal-requests.js';
import { requestRefusals } from './request-refusals.js';
import { idempotencyKey, passedOverFields, serviceUser } from './service-shapes.js';

const project = '/v1/project/:project';
const service = `${project}/service/:service` as const;
const user = `${service}/user/:username` as const;

const asWriter = { permission: 'service:users:write' } as const;

const asked = messageShape.extend({
  asked: z.int().min(0),
  ...passedOverFields,
});

const request = z.object({ key_sha256: z.string(), create_time: timeShape });
const selfServiceAnswer = z.object({
  username: z.string(),
  self_service: z.object({ enabled: z.boolean() }),
});

/** Renewals that somebody asks for, and what is said of the next one. */
export const renewalsDescribed: DescribedRoutes = {
  tag: { name: 'Renewals', description: 'Renewals on request, and what comes before and after.' },
  shapes: { AskedRenewals: asked, SelfService: selfServiceAnswer },
  routes: [
    {
      ...asWriter,
      id: 'ServiceUserRenew',
      call: `POST ${user}/renewals`,
      summary: 'A new certificate at once; the old one works on to its own end.',
      headers: idempotencyKey,
      body: renewal,
      isBodyOptional: true,
      answer: messageShape.extend({ user: serviceUser }),
      refusals: ['state-conflict', 'authority-ending'],
    },
    {
      ...asWriter,
      id: 'ServiceRenew',
      call: `POST ${service}/renewals`,
      summary: 'The same for all users of a service.',
      headers: idempotencyKey,
      body: renewal,
      isBodyOptional: true,
      status: 202,
      answer: asked,
    },
    {
      id: 'ProjectRenew',
      call: `POST ${project}/renewals`,
      summary: 'The same for all users of all services of a project.',
      permission: 'project:write',
      headers: idempotencyKey,
      body: renewal,
      isBodyOptional: true,
      status: 202,
      answer: asked,
    },
    {
      ...asWriter,
      id: 'ServiceAcknowledge',
      call: `POST ${service}/acknowledgements`,
      summary: 'The renewed pairs of all users are in use.',
      answer: messageShape.extend({ acknowledged: z.array(z.string()), ...passedOverFields }),
    },
    {
      ...asWriter,
      id: 'ServiceUserRevokeOld',
      call: `POST ${user}/revocations`,
      summary: 'Revokes the certificates before the present one.',
      body: revocation,
      isBodyOptional: true,
      answer: messageShape.extend({
        revoked: z.array(z.object({ sha256: z.string(), not_valid_after_time: timeShape })),
      }),
      refusals: ['state-conflict'],
    },
    {
      id: 'ServiceUserCertificateRequestGet',
      call: `GET ${user}/certificate-request`,
      summary: 'The certification request for which the next renewal issues.',
      permission: 'project:read',
      answer: z.object({ certificate_request: request }),
    },
    {
      ...asWriter,
      id: 'ServiceUserCertificateRequestSet',
      call: `PUT ${user}/certificate-request`,
      summary: "The holder's own request: base64 of its PEM. The key stays with the holder.",
      body: certificateRequest,
      answer: messageShape.extend({ certificate_request: request }),
      refusals: [...requestRefusals, 'key-reused', 'key-in-use', 'state-conflict'],
    },
    {
      ...asWriter,
      id: 'ServiceUserCertificateRequestDelete',
      call: `DELETE ${user}/certificate-request`,
      summary: 'Takes it back.',
      answer: messageShape,
    },
    {
      ...asWriter,
      id: 'ServiceUserRecipientsSet',
      call: `PUT ${user}/recipients`,
      summary: 'Who else hears of the renewals of this user.',
      body: recipients,
      answer: z.object({ user: serviceUser }),
    },
    {
      id: 'ServiceUserSelfServiceGet',
      call: `GET ${user}/self_service`,
      summary: 'Whether the holder may fetch renewed pairs by certificate.',
      permission: 'project:read',
      answer: selfServiceAnswer,
    },
    {
      ...asWriter,
      id: 'ServiceUserSelfServiceSet',
      call: `PUT ${user}/self_service`,
      summary: 'Switches that on or off.',
      body: selfService,
      answer: selfServiceAnswer,
    },
  ],
};
