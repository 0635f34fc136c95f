import type { FailureKind } from '../failure.js';
import type { Dialect, Refusal } from '../http/failure-handler.js';
import { sendText } from '../http/text-answer.js';

const statuses: Readonly<Record<FailureKind, number>> = {
  'not-found': 404,
  'method-not-allowed': 405,
  'path-malformed': 400,
  'http-malformed': 400,
  'headers-too-large': 431,
  'request-timeout': 408,
  'certificate-required': 401,
  'proxy-header-malformed': 400,
  'certificate-unknown': 403,
  'certificate-not-on-record': 403,
  'certificate-expired': 403,
  'certificate-not-yet-valid': 403,
  'certificate-revoked': 403,
  'certificate-wrong-kind': 403,
  'authority-retired': 403,
  'token-missing': 401,
  'token-unknown': 401,
  'token-used': 401,
  'token-expired': 401,
  'access-token-missing': 403,
  'access-token-invalid': 403,
  'role-missing': 403,
  'browser-request': 403,
  'host-unknown': 403,
  'https-required': 403,
  'rate-limited': 429,
  'body-too-large': 413,
  'body-incomplete': 400,
  'encoding-unsupported': 415,
  'media-type-unsupported': 415,
  'json-malformed': 400,
  'json-cut-off': 400,
  'field-duplicate': 400,
  'field-invalid': 400,
  'header-missing': 400,
  'name-invalid': 400,
  'base64-malformed': 400,
  'pem-malformed': 400,
  'pem-label-unexpected': 400,
  'request-too-large': 413,
  'request-malformed': 400,
  'key-unsupported': 400,
  'key-weak': 400,
  'signature-invalid': 400,
  'subject-mismatch': 400,
  'key-reused': 400,
  'key-in-use': 400,
  'authority-ending': 503,
  'authority-step-refused': 409,
  unavailable: 503,
  internal: 500,
};

const challenge = 'Basic realm="Everleaf enrolment", charset="UTF-8"';

/**
 * Errors as EST wants them, text for people (RFC 7030 4.2.3). A 401 has to name a scheme
 * (RFC 9110 15.5.2), and there is but one (RFC 7617), also where a certificate is missing.
 */
export const estDialect: Dialect = {
  statuses,
  send: (response, refusal) => {
    const { status } = refusal;
    if (status === 401) response.setHeader('WWW-Authenticate', challenge);
    sendText(response, {
      status,
      contentType: 'text/plain; charset=utf-8',
      text: describe(refusal),
    });
  },
};

/** Whether the URL is one of EST's, served or not (RFC 7030 3.2.2). */
export function isEstUrl(url: string): boolean {
  return /^\/\.well-known\/est(?:[/?]|$)/.test(url);
}

function describe({ failure, requestId }: Refusal): string {
  const lines = [failure.message, failure.detail, `Request id: ${requestId}`];
  return lines.map((line) => (line === undefined ? '' : `${line}\n`)).join('');
}
