import type { Failure, FailureKind } from '../failure.js';
import type { Dialect, Refusal } from '../http/failure-handler.js';
import { sendJson } from '../http/json-answer.js';

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
  'token-missing': 403,
  'token-unknown': 403,
  'token-used': 403,
  'token-expired': 403,
  'access-token-missing': 401,
  'access-token-invalid': 401,
  'role-missing': 403,
  'browser-request': 403,
  'https-required': 403,
  'host-unknown': 403,
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

/** Errors as the Connector Service words them: `code` and `error`, and `reason` and `requestId` of our own. */
export const connectorDialect: Dialect = {
  statuses,
  send: (response, refusal) => sendJson(response, refusal.status, describe(refusal)),
};

/** The same for what is not even a request, and so has no id. */
export function describeUnparsable(failure: Failure): { status: number; body: string } {
  const status = statuses[failure.kind];
  return {
    status,
    body: `${JSON.stringify(describe({ status, failure, requestId: '' }))}\n`,
  };
}

function describe({ status, failure, requestId }: Refusal): object {
  return {
    code: status,
    error: failure.message,
    reason: failure.kind,
    ...(failure.detail === undefined ? {} : { detail: failure.detail }),
    ...(requestId === '' ? {} : { requestId }),
  };
}
