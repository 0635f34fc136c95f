import type { Clock } from '../edges.js';
import { MalformedDer } from '../pki/der-reader.js';
import type { Der, SerialNumber } from '../pki/der.js';
import { readOcspRequest } from '../pki/ocsp-request.js';
import type { OcspRequest } from '../pki/ocsp-request.js';
import { buildOcspResponse } from '../pki/ocsp-response.js';
import type { CertificateStatus, OcspError, SingleAnswer } from '../pki/ocsp-response.js';
import type { Authority } from './authority.js';
import type { FindStatus } from './certificate-status-store.js';
import type { CurrentResponder } from './ocsp-responder.js';
import type { ServedAuthorities } from './served-authorities.js';

/** A signed answer, or why there is none. Times in seconds UTC. */
export type OcspAnswer =
  | {
      readonly der: Der;
      /** Whether it fits this very request alone. */
      readonly hasNonce: boolean;
      readonly thisUpdate: number;
      readonly nextUpdate: number;
    }
  | { readonly error: OcspError };

export type AnswerOcsp = (request: Uint8Array) => Promise<OcspAnswer>;

const lifeSeconds = 3600;

/**
 * Tells the status of certificates that one of the authorities issued, from the record as it is now: good, revoked, or unknown
 * where it issued none under that serial number. An issuer that is none of ours is `unauthorized` (RFC 6960 2.3).
 * Throws Failure `request-too-large`.
 */
export function makeAnswerOcsp(edges: {
  readonly findIssuers: ServedAuthorities['findIssuers'];
  readonly findStatus: FindStatus;
  readonly currentResponder: CurrentResponder;
  readonly clock: Clock;
}): AnswerOcsp {
  const { findIssuers, findStatus, currentResponder, clock } = edges;
  /** A CA certificate that was renewed with its name and key: a request cannot tell the old one from the new. */
  async function findAmong(
    issuers: readonly Authority[],
    serial: SerialNumber,
  ): Promise<CertificateStatus> {
    for (const { id } of issuers) {
      const status = await findStatus({ authorityId: id, serial });
      if (status.state !== 'unknown') return status;
    }
    return { state: 'unknown' };
  }

  return async (bytes) => {
    const request = tryRead(bytes);
    if (request === undefined) return { error: 'malformedRequest' };
    const { certificates, nonce } = request;
    // One responder signs the answer, and it can speak for one authority alone.
    const named = await findIssuers(certificates);
    const authority = named.at(-1);
    if (!authority) return { error: 'unauthorized' };
    const responder = await currentResponder(authority);
    // The time comes first: what is revoked while the record is read must not look older than it is.
    const thisUpdate = clock();
    const answers: SingleAnswer[] = [];
    for (const { der: certificateId, serial } of certificates) {
      const status = await findAmong(named, serial);
      answers.push({ certificateId, status });
    }
    const nextUpdate = Math.min(thisUpdate + lifeSeconds, responder.certificate.notAfter);
    const der = await buildOcspResponse({ responder, thisUpdate, nextUpdate, answers, nonce });
    return { der, hasNonce: nonce !== undefined, thisUpdate, nextUpdate };
  };
}

function tryRead(bytes: Uint8Array): OcspRequest | undefined {
  try {
    return readOcspRequest(bytes);
  } catch (error) {
    // An OCSP answer has no room for what is wrong with the bytes.
    if (error instanceof MalformedDer) return undefined;
    throw error;
  }
}
