import { Failure } from '../failure.js';
import { isoTime } from '../iso-time.js';
import type { CertificateFacts } from '../pki/certificate-facts.js';
import { judgeSignature } from '../pki/certificate-facts.js';
import { MalformedDer } from '../pki/der-reader.js';
import { nameOfAttribute, subjectAttributes } from '../pki/name-attributes.js';
import { attributeValue, readName } from '../pki/names.js';
import type { Name, SubjectFields } from '../pki/names.js';
import { nameOfOid, oids } from '../pki/object-identifiers.js';
import { readPublicKey } from '../pki/public-key.js';
import type { RecordedAuthority } from './authority.js';
import type { CertificateKind } from './certificate-kinds.js';

/** An authority by which a certificate may have been signed. */
export type PossibleIssuer = Pick<RecordedAuthority, 'id' | 'state' | 'revokedAt' | 'certificate'>;

/** Why a certificate is not taken onto the record: one sentence for its holder. */
export interface AdoptionRefusal {
  readonly refusal: string;
}

/** As whose certificate, and under which authority, it may go on record. */
export interface Adoptable extends Holder {
  readonly authorityId: string;
}

interface Holder {
  readonly kind: CertificateKind;
  readonly holder: string;
}

/** Whom a subject names. Throws the Failure `name-invalid` where it is no name that could have been paired here. */
export type HolderOfSubject = (subject: SubjectFields) => Holder;

/**
 * Judges a certificate that was issued elsewhere under an authority of this gateway: it must be what the gateway itself
 * would have issued to a client, its serial number apart. `now` in seconds UTC.
 */
export function judgeAdoption(input: {
  readonly certificate: CertificateFacts;
  readonly authorities: readonly PossibleIssuer[];
  readonly holderOfSubject: HolderOfSubject;
  readonly now: number;
}): Adoptable | AdoptionRefusal {
  const { certificate, authorities, holderOfSubject, now } = input;
  const issuer = findIssuer(certificate, authorities);
  if ('refusal' in issuer) return issuer;
  const fault = findPurposeFault(certificate) ?? findDateFault(certificate, now);
  if (fault !== undefined) return { refusal: fault };
  const subject = readSubject(readName(certificate.subject));
  if ('refusal' in subject) return subject;
  const named = nameHolder(subject, holderOfSubject);
  if ('refusal' in named) return named;
  const keyFault = findKeyFault(certificate);
  return keyFault === undefined ? { authorityId: issuer.id, ...named } : { refusal: keyFault };
}

function findIssuer(
  certificate: CertificateFacts,
  authorities: readonly PossibleIssuer[],
): PossibleIssuer | AdoptionRefusal {
  const signers = authorities.map((authority) => ({
    authority,
    signature: judgeSignature({ certificate, issuer: authority.certificate }),
  }));
  const sound = signers.filter(({ signature }) => signature === 'sound');
  const trusted = sound.find(({ authority }) => isTrusted(authority));
  if (trusted) return trusted.authority;
  if (sound.length > 0) return { refusal: 'The authority that signed it is not trusted any more.' };
  // A collision, which is affordable, would move the signature to another subject (RFC 6194 section 3).
  return signers.some(({ signature }) => signature === 'sha1')
    ? { refusal: 'It is signed with SHA-1, which can be forged.' }
    : { refusal: 'No authority of this gateway has signed it.' };
}

/** Whoever stole its key could sign what was never issued, so a revoked one vouches for nothing. */
function isTrusted({ state, revokedAt }: PossibleIssuer): boolean {
  return revokedAt === null && (state === 'active' || state === 'retiring');
}

/** An end entity that may authenticate itself as a client (RFC 5280 4.2.1.3, 4.2.1.9, 4.2.1.12). */
function findPurposeFault(certificate: CertificateFacts): string | undefined {
  const { isAuthority, keyUsage, extendedKeyUsage, criticalUnknown } = certificate;
  const signsForOthers = keyUsage.includes('keyCertSign') || keyUsage.includes('cRLSign');
  if (isAuthority || signsForOthers) return 'It is the certificate of an authority.';
  if (keyUsage.length > 0 && !keyUsage.includes('digitalSignature'))
    return 'Its key usage does not allow digitalSignature.';
  if (!extendedKeyUsage.includes(oids.clientAuth))
    return 'Its extended key usage does not hold clientAuth.';
  const [unknown] = criticalUnknown;
  return unknown === undefined
    ? undefined
    : `Its extension ${nameOfOid(unknown)} is critical and not known here.`;
}

function findDateFault({ notBefore, notAfter }: CertificateFacts, now: number): string | undefined {
  if (now > notAfter) return `It expired on ${isoTime(notAfter)}.`;
  return now < notBefore ? `It is not valid before ${isoTime(notBefore)}.` : undefined;
}

/** CN, O, OU, L, ST and C, each once and each in a relative name of its own, and nothing else. */
function readSubject(name: Name): SubjectFields | AdoptionRefusal {
  if (name.relativeNames.some((relativeName) => relativeName.length > 1))
    return { refusal: 'Its subject holds several attributes in one relative name.' };
  const known: readonly string[] = Object.values(subjectAttributes);
  const other = name.relativeNames.flat().find(({ oid }) => !known.includes(oid));
  if (other) return { refusal: `Its subject must not hold ${nameOfAttribute(other.oid)}.` };
  const fields = { CN: '', O: '', OU: '', L: '', ST: '', C: '' };
  for (const attribute of ['CN', 'O', 'OU', 'L', 'ST', 'C'] as const) {
    const value = attributeValue(name, attribute) ?? '';
    if (value === '') return { refusal: `Its subject must hold ${attribute} once, as text.` };
    fields[attribute] = value;
  }
  return fields;
}

function nameHolder(
  subject: SubjectFields,
  holderOfSubject: HolderOfSubject,
): Holder | AdoptionRefusal {
  try {
    return holderOfSubject(subject);
  } catch (error) {
    if (!(error instanceof Failure && error.kind === 'name-invalid')) throw error;
    return { refusal: `Its subject cannot be a name here. ${error.message}` };
  }
}

/** Whoever breaks a weak key is the holder from then on: the rules of certification requests hold. */
function findKeyFault({ spki }: CertificateFacts): string | undefined {
  try {
    readPublicKey(spki);
    return undefined;
  } catch (error) {
    if (error instanceof Failure && error.kind === 'key-weak')
      return 'Its key has a known weakness.';
    if (error instanceof Failure || error instanceof MalformedDer)
      return 'The type, size or form of its key is not accepted.';
    throw error;
  }
}
