import { z } from 'zod';
import type { DescribedRoutes } from '../http/described-route.js';
import { timeShape } from '../http/described-route.js';
import { stepOrder, trustReport } from './ca-rotation-requests.js';
import { certificateRequest } from './renewal-requests.js';
import { requestRefusals } from './request-refusals.js';
import { serviceAnswer } from './service-shapes.js';

const rotation = z.object({
  phase: z.enum(['ACTIVE', 'BUNDLE', 'TRUSTING', 'NEW_ACTIVE', 'PRESENTING', 'DONE']),
  authorities: z.array(
    z.object({
      authority_id: z.string(),
      sha256: z.string(),
      state: z.enum(['prepared', 'active', 'retiring', 'retired']),
      state_since_time: timeShape,
      not_valid_after_time: timeShape,
      next_step_time: timeShape.nullable(),
    }),
  ),
  services: z.array(
    z.object({
      service_name: z.string(),
      trust_update: z.int().min(0).max(2),
      presented_ca_sha256: z.string().nullable(),
    }),
  ),
  users_on_retiring_ca: z.array(
    z.object({
      service_name: z.string(),
      username: z.string(),
      sha256: z.string(),
      not_valid_after_time: timeShape,
      is_current: z.boolean(),
    }),
  ),
});
const rotationAnswer = z.object({ rotation });

const project = '/v1/project/:project';
const service = `${project}/service/:service` as const;

/** The way of a project to its next CA, and the certificates of its servers. */
export const caRotationDescribed: DescribedRoutes = {
  tag: { name: 'CA of a project', description: 'Its roll-over, and certificates of servers.' },
  shapes: { CaRotation: rotationAnswer },
  routes: [
    {
      id: 'ProjectCaRotationGet',
      call: `GET ${project}/ca/rotation`,
      summary: 'How far a project is on the way to its next CA.',
      permission: 'project:read',
      answer: rotationAnswer,
    },
    {
      id: 'ProjectCaRotationStep',
      call: `POST ${project}/ca/rotation`,
      summary: 'Takes the next step of it.',
      permission: 'project:write',
      body: stepOrder,
      answer: rotationAnswer,
      refusals: ['authority-step-refused'],
    },
    {
      id: 'ServiceTrustUpdate',
      call: `PUT ${service}/trust_update`,
      summary: 'Reports how far a service is: 1 trusts both CAs, 2 presents the new one.',
      permission: 'services:write',
      body: trustReport,
      answer: serviceAnswer,
      refusals: ['state-conflict', 'authority-step-refused'],
    },
    {
      id: 'ServiceCertificateList',
      call: `GET ${service}/certificates`,
      summary: 'Certificates of the servers of a service that have not ended.',
      permission: 'project:read',
      answer: z.object({
        certificates: z.array(
          z.object({
            sha256: z.string(),
            names: z.array(z.string()),
            not_valid_after_time: timeShape,
            revoked: z.boolean(),
          }),
        ),
      }),
    },
    {
      id: 'ServiceCertificateCreate',
      call: `POST ${service}/certificates`,
      summary: 'A server certificate for a certification request: base64 of PEM or DER.',
      permission: 'services:write',
      body: certificateRequest,
      answer: z.object({
        certificate: z.string().describe('PEM.'),
        ca: z.string().describe('PEM, one block or several.'),
        not_valid_after_time: timeShape,
        sha256: z.string(),
      }),
      refusals: [...requestRefusals, 'key-in-use', 'state-conflict', 'authority-ending'],
    },
  ],
};
