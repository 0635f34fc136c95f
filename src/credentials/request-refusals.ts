import type { FailureKind } from '../failure.js';

/** How a certification request may be refused, wherever one is taken. */
export const requestRefusals: readonly FailureKind[] = [
  'base64-malformed',
  'pem-malformed',
  'pem-label-unexpected',
  'request-too-large',
  'request-malformed',
  'key-unsupported',
  'key-weak',
  'signature-invalid',
  'subject-mismatch',
];
