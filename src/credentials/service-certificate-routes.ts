import { Router } from 'express';
import type { RequestHandler } from 'express';
import type { NodeCertificate, NodeCertificateStore } from '../authority/node-certificate-store.js';
import type { Clock } from '../edges.js';
import { Failure } from '../failure.js';
import { isoTime } from '../iso-time.js';
import { sendJson } from '../http/json-answer.js';
import { readJsonObject } from '../http/json-object.js';
import { bodyOf, readBody } from '../http/read-body.js';
import { mountPath } from '../http/routing.js';
import { decodeBase64 } from '../pki/base64.js';
import { readCertificate } from '../pki/certificate-facts.js';
import { readRequestForm } from '../pki/request-form.js';
import { holderOfService } from './certify-service.js';
import type { CertifyService } from './certify-service.js';
import { originOf } from './project-routes.js';
import { certificateRequest } from './renewal-requests.js';
import { allow, requireService } from './service-access.js';
import type { ServiceAccess } from './service-access.js';

/** What the routes of server certificates need. */
export interface ServiceCertificateEdges extends Pick<
  ServiceAccess,
  'services' | 'findRole' | 'guards'
> {
  readonly certifyService: CertifyService;
  readonly nodeCertificates: Pick<NodeCertificateStore, 'list'>;
  readonly clock: Clock;
}

/** Certificates that the servers of a service present. */
export function makeServiceCertificateRoutes(edges: ServiceCertificateEdges): Router {
  const router = Router({ strict: true, caseSensitive: true });
  mountPath(router, '/v1/project/:project/service/:service/certificates', {
    get: listCertificates(edges),
    post: certify(edges),
  });
  return router;
}

function certify(edges: ServiceCertificateEdges): RequestHandler[] {
  return [
    ...allow(edges, 'services:write'),
    readBody,
    async (request, response) => {
      const service = await requireService(edges, request);
      const csr = readCsr(bodyOf(request));
      const issued = await edges.certifyService({ service, csr, ...originOf(request) });
      sendJson(response, 200, {
        certificate: issued.certificatePem,
        ca: issued.caPem,
        not_valid_after_time: isoTime(issued.notAfter),
        sha256: issued.sha256,
      });
    },
  ];
}

function listCertificates(edges: ServiceCertificateEdges): RequestHandler[] {
  return [
    ...allow(edges, 'project:read'),
    async (request, response) => {
      const service = await requireService(edges, request);
      const certificates = await edges.nodeCertificates.list({
        holder: holderOfService(service),
        issuedSince: service.createdAt,
        now: edges.clock(),
      });
      sendJson(response, 200, { certificates: certificates.map(describe) });
    },
  ];
}

function describe({ sha256, der, notAfter, revokedAt }: NodeCertificate): object {
  const { dnsNames, ipAddresses } = readCertificate(der);
  return {
    sha256,
    names: [...dnsNames, ...ipAddresses],
    not_valid_after_time: isoTime(notAfter),
    revoked: revokedAt !== null,
  };
}

/** `{"csr": base64 of PEM or DER}` -> the DER, not yet judged. */
function readCsr(body: Uint8Array): Uint8Array {
  const decoded = decodeBase64(readJsonObject(body, certificateRequest).csr);
  if (decoded) return readRequestForm(decoded);
  throw new Failure(
    'base64-malformed',
    'csr has to be standard base64 of a certification request: openssl base64 -A -in FILE makes it.',
  );
}
