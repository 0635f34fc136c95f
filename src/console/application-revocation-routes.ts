import { Router } from 'express';
import type { Request, RequestHandler, Response } from 'express';
import { isClientKind } from '../authority/certificate-kinds.js';
import type { CertificateStore, RecordedCertificate } from '../authority/certificate-store.js';
import type { RevokeByHash } from '../connector/revoke-by-hash.js';
import { Failure } from '../failure.js';
import { contextOf } from '../http/request-context.js';
import { mountPath } from '../http/routing.js';
import { readFingerprint } from '../pki/fingerprint.js';
import { formatName, readName } from '../pki/names.js';
import { isRevocationReason } from '../pki/revocation-reason.js';
import { reasonTexts } from './application-words.js';
import { consolePath } from './console-urls.js';
import { answerForm, typedIn } from './form-answers.js';
import type { Refused } from './form-answers.js';
import { formOf, readSessionForm } from './own-form.js';
import { sendConsolePage } from './page.js';
import { mayOnGateway, requireGatewayRight, viewerOf } from './viewer.js';

/** The operations behind the form. */
export interface ApplicationRevocationEdges {
  readonly certificates: Pick<CertificateStore, 'findBySha256'>;
  readonly revokeByHash: RevokeByHash;
  readonly adminUrl: string;
  readonly guards: readonly RequestHandler[];
}

/** Revokes a certificate by its SHA-256; the page that asks for it is the confirmation. */
export function makeApplicationRevocationRoutes(edges: ApplicationRevocationEdges): Router {
  const router = Router({ strict: true, caseSensitive: true });
  const guards = [...edges.guards, requireGatewayRight('revoke')];
  mountPath(router, '/applications/revocations/new', {
    get: [
      ...guards,
      async (request, response) => {
        await showForm(edges, request, response);
      },
    ],
    post: [
      ...guards,
      ...readSessionForm(edges.adminUrl),
      answerForm(
        (request) => revoke(edges, request),
        (...shown) => showForm(edges, ...shown),
      ),
    ],
  });
  return router;
}

async function revoke(
  { revokeByHash, certificates }: ApplicationRevocationEdges,
  request: Request,
): Promise<readonly [path: string, said: string]> {
  const form = formOf(request);
  const reason = form.get('reason') ?? '';
  if (!isRevocationReason(reason)) throw new Failure('field-invalid', 'Choose one of the reasons.');
  const sha256 = readFingerprint((form.get('certificate') ?? '').trim());
  if (sha256 === undefined) {
    throw new Failure('field-invalid', 'The fingerprint is not a SHA-256 in hex.', {
      detail: 'This shows it: openssl x509 -noout -fingerprint -sha256 -in FILE',
    });
  }
  const viewer = viewerOf(request);
  const { requestId } = contextOf(request);
  await revokeByHash({ sha256, reason, actor: `user:${viewer.user.email}`, requestId });
  const found = await certificates.findBySha256(sha256);
  const hasPage = found && isClientKind(found.kind) && mayOnGateway(viewer, 'read');
  const path = hasPage ? consolePath`/applications/${found.holder}` : '/applications';
  return [path, 'revoked'];
}

async function showForm(
  { certificates }: ApplicationRevocationEdges,
  request: Request,
  response: Response,
  refusal?: Refused,
): Promise<void> {
  const typed = typedIn(request);
  const sha256 = readFingerprint(typed('certificate'));
  const mayRead = mayOnGateway(viewerOf(request), 'read');
  const found =
    sha256 !== undefined && mayRead ? await certificates.findBySha256(sha256) : undefined;
  sendConsolePage(request, response, {
    view: 'application-revocation',
    title: 'Revoke a certificate',
    trail: trailTo(found),
    ...(refusal ?? {}),
    data: {
      certificate: typed('certificate'),
      reason: typed('reason') || 'unspecified',
      reasonTexts,
      found: found && { ...found, subject: formatName(readName(found.subject)) },
    },
  });
}

function trailTo(found: RecordedCertificate | undefined) {
  const list = { text: 'Applications', href: '/applications' };
  if (!found || !isClientKind(found.kind)) return [list];
  return [list, { text: found.holder, href: consolePath`/applications/${found.holder}` }];
}
