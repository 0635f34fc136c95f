import type { Kysely } from 'kysely';
import type { Clock, Log } from '../edges.js';
import { makeOnceAMinute } from '../once-a-minute.js';
import { encodeBase64 } from '../pki/base64.js';
import { readCertificate } from '../pki/certificate-facts.js';
import type { CertificateFacts } from '../pki/certificate-facts.js';
import { retryTransient } from '../storage/retry-transient.js';
import type { Schema } from '../storage/schema.js';
import { judgeAdoption } from './adoption-policy.js';
import type { Adoptable, AdoptionRefusal, HolderOfSubject } from './adoption-policy.js';
import { holdTrustedAuthority, insertAdopted } from './adoption-store.js';
import type { RecordEvent } from './audit.js';
import { readAuthority } from './authority.js';
import type { StoredAuthority } from './authority-store.js';
import type { CertificateStore, RecordedCertificate } from './certificate-store.js';
import { claimKey } from './claim-key.js';
import type { DeniedCertificates } from './denied-certificates.js';

/** A certificate that somebody presents, proven to hold its key, and that is not on record. */
export interface PresentedCertificate {
  readonly der: Uint8Array;
  readonly sha256: string;
  readonly requestId: string;
}

/** Takes it onto the record, or says why not. */
export type AdoptCertificate = (
  presented: PresentedCertificate,
) => Promise<{ readonly record: RecordedCertificate } | AdoptionRefusal>;

export interface AdoptionEdges {
  readonly transaction: <T>(work: (trx: Kysely<Schema>) => Promise<T>) => Promise<T>;
  readonly certificates: Pick<CertificateStore, 'findBySha256' | 'findKey'>;
  readonly denied: Pick<DeniedCertificates, 'has'>;
  readonly listAuthorities: () => Promise<readonly StoredAuthority[]>;
  readonly holderOfSubject: HolderOfSubject;
  readonly recordEvent: RecordEvent;
  readonly clock: Clock;
  readonly log: Log;
}

interface Adoption extends Adoptable {
  readonly certificate: CertificateFacts;
  readonly requestId: string;
}

const isDenied = { refusal: 'It was revoked before it was used here.' };
const isTaken = { refusal: 'Its key belongs to somebody else or was compromised.' };

/**
 * Puts a certificate that another gateway issued under the same authority on record at its first use; from then on it
 * is judged, renewed and revoked like every other. Of many first uses at once one puts it there. It is known by its
 * SHA-256 alone: its serial number may be that of others too.
 */
export function makeAdoptCertificate(edges: AdoptionEdges): AdoptCertificate {
  const isFirst = makeOnceAMinute(edges.clock);
  return async (presented) => {
    const adoption = await judge(presented, edges);
    const outcome =
      'refusal' in adoption
        ? adoption
        : await retryTransient(() => edges.transaction((trx) => adoptIn(trx, adoption, edges)));
    if ('refusal' in outcome && isFirst(presented.sha256)) {
      const { sha256: certificate, requestId } = presented;
      const fields = { certificate, requestId, refusal: outcome.refusal };
      edges.log.warn(fields, 'a certificate of the authority was not adopted');
    }
    return outcome;
  };
}

/** All that can be judged without holding up anybody else. */
async function judge(
  { der, sha256, requestId }: PresentedCertificate,
  edges: AdoptionEdges,
): Promise<Adoption | AdoptionRefusal> {
  const certificate = readCertificate(der);
  const authorities = (await edges.listAuthorities()).map(readAuthority);
  const { holderOfSubject, clock } = edges;
  const judged = judgeAdoption({ certificate, authorities, holderOfSubject, now: clock() });
  if ('refusal' in judged) return judged;
  if (await edges.denied.has(sha256)) return isDenied;
  const key = await edges.certificates.findKey(certificate.spkiSha256);
  const isFree =
    !key || (!key.isCompromised && key.kind === judged.kind && key.holder === judged.holder);
  return isFree ? { certificate, ...judged, requestId } : isTaken;
}

/** What may have changed since it was judged is judged again, now that it is held. */
async function adoptIn(
  trx: Kysely<Schema>,
  { certificate, authorityId, kind, holder, requestId }: Adoption,
  { certificates, denied, recordEvent, clock }: AdoptionEdges,
): Promise<{ readonly record: RecordedCertificate } | AdoptionRefusal> {
  const { sha256, serial, spkiSha256 } = certificate;
  if (!(await holdTrustedAuthority(trx, authorityId)))
    return { refusal: 'The authority that signed it is not trusted any more.' };
  if (await denied.has(sha256, trx)) return isDenied;
  if ((await claimKey(trx, { spkiSha256, kind, holder })) === 'taken') return isTaken;
  const isNew = await insertAdopted(trx, {
    sha256,
    authority_id: authorityId,
    serial,
    kind,
    holder,
    subject: encodeBase64(certificate.subject),
    spki_sha256: spkiSha256,
    not_before: certificate.notBefore,
    not_after: certificate.notAfter,
    der: encodeBase64(certificate.der),
    issued_at: clock(),
  });
  if (isNew) {
    await recordEvent(
      {
        action: 'certificate.adopted',
        actor: `${kind}:${holder}`,
        holder,
        certificate: sha256,
        requestId,
        detail: { serial, authority: authorityId },
      },
      trx,
    );
  }
  const record = await certificates.findBySha256(sha256, trx);
  if (!record) throw new Error('an adopted certificate is not on record');
  return { record };
}
