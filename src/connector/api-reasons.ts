import type { FailureKind } from '../failure.js';

/** Reasons that any route may give. */
const general: readonly FailureKind[] = [
  'path-malformed',
  'http-malformed',
  'request-timeout',
  'headers-too-large',
  'unavailable',
  'internal',
];

const body: readonly FailureKind[] = [
  'json-malformed',
  'json-cut-off',
  'field-duplicate',
  'field-invalid',
  'body-incomplete',
  'body-too-large',
  'encoding-unsupported',
];

const token: readonly FailureKind[] = [
  'token-missing',
  'token-unknown',
  'token-used',
  'token-expired',
  'rate-limited',
];

const certificate: readonly FailureKind[] = [
  'certificate-required',
  'proxy-header-malformed',
  'certificate-unknown',
  'certificate-not-on-record',
  'certificate-expired',
  'certificate-not-yet-valid',
  'certificate-wrong-kind',
  'authority-retired',
  'rate-limited',
];

const request: readonly FailureKind[] = [
  ...body,
  'base64-malformed',
  'pem-malformed',
  'pem-label-unexpected',
  'request-malformed',
  'signature-invalid',
  'key-unsupported',
  'key-weak',
  'key-in-use',
  'subject-mismatch',
  'request-too-large',
  'authority-ending',
];

const operator: readonly FailureKind[] = [
  'access-token-missing',
  'access-token-invalid',
  'role-missing',
  'browser-request',
  'https-required',
  'host-unknown',
  'rate-limited',
];

/** What each operation may be refused for, besides an unknown path or method. */
export const refusalsOf = {
  document: general,
  signingInfo: [...general, ...token, 'certificate-revoked'],
  enrol: [...general, ...token, ...request, 'certificate-revoked', 'key-reused'],
  managementInfo: [...general, ...certificate, 'certificate-revoked'],
  renew: [...general, ...certificate, 'certificate-revoked', ...request, 'key-reused'],
  revoke: [...general, ...certificate, ...body],
  createToken: [...general, ...operator, 'header-missing', 'name-invalid'],
  revokeByHash: [...general, ...operator, ...body],
} as const satisfies Readonly<Record<string, readonly FailureKind[]>>;
