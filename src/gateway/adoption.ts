import { makeAdoptCertificate } from '../authority/adopt-certificate.js';
import type { AdoptCertificate } from '../authority/adopt-certificate.js';
import { makeHolderOfSubject } from '../connector/holder-of-subject.js';
import type { Foundation } from './foundation.js';

/** Adoption where it is switched on; what the gateway's own authority signs is on record without it. */
export function makeAdoption(foundation: Foundation): AdoptCertificate | undefined {
  const { config, stores, clock, log } = foundation;
  if (!config.adopts) return undefined;
  if (config.authority.certFile === undefined) {
    log.warn(
      {},
      'EVERLEAF_ADOPT=on without EVERLEAF_CA_CERT_FILE: only of an authority that was brought can there be certificates that are not on record',
    );
  }
  return makeAdoptCertificate({
    transaction: stores.transaction,
    certificates: stores.certificates,
    denied: stores.denied,
    listAuthorities: stores.authorities.list,
    holderOfSubject: makeHolderOfSubject(config.mode),
    recordEvent: stores.recordEvent,
    clock,
    log,
  });
}
