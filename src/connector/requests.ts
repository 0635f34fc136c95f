import { Failure } from '../failure.js';
import { readFingerprint } from '../pki/fingerprint.js';
import { readRequestText } from '../pki/request-form.js';
import { isRevocationReason, revocationReasons } from '../pki/revocation-reason.js';
import type { RevocationReason } from '../pki/revocation-reason.js';
import { readJsonBody } from './json-body.js';
import type { JsonMembers } from './json-body.js';

/** `{"csr": base64 of PEM}` -> the DER in it, not yet judged. Throws a Failure with the contract's sentence. */
export function readCsrBody(body: Uint8Array): Uint8Array {
  const csr = readJsonBody(body).get('csr') ?? '';
  if (typeof csr !== 'string') {
    throw new Failure(
      'field-invalid',
      'Error while unmarshalling request body: csr must be a string.',
    );
  }
  return readRequestText(csr);
}

/** The holder's revocation: no body, or `{"reason": NAME}` by the names of RFC 5280. */
export function readRevocationReason(body: Uint8Array): RevocationReason {
  return body.length === 0 ? 'unspecified' : reasonOf(readJsonBody(body));
}

/** The operator's revocation: `{"hash": SHA-256 of the DER, "reason"?: NAME}`; upper case and colons are accepted. */
export function readRevocationByHash(body: Uint8Array): {
  sha256: string;
  reason: RevocationReason;
} {
  const members = readJsonBody(body);
  const hash = members.get('hash') ?? '';
  if (typeof hash !== 'string') {
    throw new Failure(
      'field-invalid',
      'Error while unmarshalling request body: hash must be a string.',
    );
  }
  if (hash === '') {
    throw new Failure(
      'field-invalid',
      'Error while unmarshalling request body: certificate hash value not provided.',
    );
  }
  const sha256 = readFingerprint(hash);
  if (sha256 === undefined) {
    throw new Failure(
      'field-invalid',
      'Error while unmarshalling request body: hash is not a SHA-256 in hex.',
      {
        detail: 'It is the SHA-256 of the certificate: openssl x509 -noout -fingerprint -sha256.',
      },
    );
  }
  return { sha256, reason: reasonOf(members) };
}

function reasonOf(members: JsonMembers): RevocationReason {
  const reason = members.get('reason') ?? 'unspecified';
  if (typeof reason === 'string' && isRevocationReason(reason)) return reason;
  const names = Object.keys(revocationReasons).join(', ');
  throw new Failure(
    'field-invalid',
    `Error while unmarshalling request body: reason must be one of ${names}.`,
  );
}
