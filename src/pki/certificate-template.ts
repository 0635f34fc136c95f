import type { Signer } from './authority-key.js';
import type { CertificateFacts } from './certificate-facts.js';
import { encodeExtensions, type Pointers, type Profile } from './certificate-profile.js';
import { encodeTime } from './certificate-time.js';
import { checkCertificate } from './check-certificate.js';
import { tags } from './der-content.js';
import { encodeBitString, encodeDer, encodeInteger, encodeSequence } from './der-writer.js';
import type { Der, SerialNumber } from './der.js';
import { isRsaKey, keyIdentifier, keyIdentifierLength } from './key-identifier.js';

/** An authority that can sign: its certificate and its key. */
export interface Issuer {
  readonly certificate: CertificateFacts;
  readonly signer: Signer;
}

/** The fields in which certificates of one template differ; times in seconds UTC. */
export interface CertificateOrder {
  readonly serial: SerialNumber;
  readonly subject: Der;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly spki: Der;
}

/** Everything about a certificate but its order, encoded once. */
export interface CertificateTemplate {
  /** The bytes to sign: TBSCertificate of version 3 (RFC 5280 4.1.2). */
  toBeSigned(order: CertificateOrder): Uint8Array;
}

/** Encodes what stays the same. Throws RangeError for text that is no IP address. */
export function makeTemplate(input: {
  readonly profile: Profile;
  readonly issuer: Issuer;
  readonly pointers: Pointers;
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
}): CertificateTemplate {
  const { issuer, ...rest } = input;
  const { subject, subjectKeyIdentifier: hex } = issuer.certificate;
  const issuerKey = hex === undefined ? {} : { authorityKeyIdentifier: Buffer.from(hex, 'hex') };
  return assemble({ ...rest, ...issuerKey, issuer: subject, signer: issuer.signer });
}

/**
 * A root that certifies its own key, for the authority made at the first start. It may issue end entities only
 * (path length 0). Throws Error where the signed bytes are not what was ordered.
 */
export function makeSelfSignedAuthority(input: {
  readonly signer: Signer;
  readonly subject: Der;
  readonly serial: SerialNumber;
  readonly notBefore: number;
  readonly notAfter: number;
}): Promise<Der> {
  const { signer, ...fields } = input;
  const template = assemble({
    profile: 'authority',
    signer,
    issuer: input.subject,
    authorityKeyIdentifier: keyIdentifier(signer.spki),
    pointers: {},
  });
  const order = { ...fields, spki: signer.spki };
  return sign({ template, signer, issuer: input.subject, order });
}

/**
 * Fills the template, signs, and reads the signed bytes again. Throws Error where any of it is not what was ordered,
 * or the signature does not verify: such a certificate must not leave, and a faulty RSA signature gives the key away.
 */
export function signCertificate(input: {
  readonly template: CertificateTemplate;
  readonly issuer: Issuer;
  readonly order: CertificateOrder;
}): Promise<Der> {
  const { template, issuer, order } = input;
  return sign({ template, signer: issuer.signer, issuer: issuer.certificate.subject, order });
}

interface Constants {
  readonly profile: Profile;
  readonly signer: Signer;
  readonly issuer: Der;
  readonly authorityKeyIdentifier?: Uint8Array;
  readonly pointers: Pointers;
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
}

const version3 = encodeDer(0xa0, encodeInteger(2));

function assemble(constants: Constants): CertificateTemplate {
  const head = Buffer.concat([constants.signer.algorithm, constants.issuer]);
  const rsaTail = extensionsBeforeKey({ ...constants, hasRsaKey: true });
  const otherTail = extensionsBeforeKey({ ...constants, hasRsaKey: false });
  return {
    toBeSigned: (order) =>
      encodeSequence(
        version3,
        encodeDer(tags.integer, Buffer.from(order.serial, 'hex')),
        head,
        encodeSequence(encodeTime(order.notBefore), encodeTime(order.notAfter)),
        order.subject,
        order.spki,
        isRsaKey(order.spki) ? rsaTail : otherTail,
        keyIdentifier(order.spki),
      ),
  };
}

/** The extensions without their last bytes, which are the key identifier of each certificate. */
function extensionsBeforeKey(constants: Constants & { readonly hasRsaKey: boolean }): Uint8Array {
  const { dnsNames = [], ipAddresses = [], ...rest } = constants;
  const subjectKeyIdentifier = new Uint8Array(keyIdentifierLength);
  const extensions = encodeExtensions({ ...rest, dnsNames, ipAddresses, subjectKeyIdentifier });
  return encodeDer(0xa3, encodeSequence(...extensions)).subarray(0, -keyIdentifierLength);
}

async function sign(input: {
  readonly template: CertificateTemplate;
  readonly signer: Signer;
  readonly issuer: Der;
  readonly order: CertificateOrder;
}): Promise<Der> {
  const { template, signer, issuer, order } = input;
  const toBeSigned = template.toBeSigned(order);
  const signature = await signer.sign(toBeSigned);
  const der = encodeSequence(toBeSigned, signer.algorithm, encodeBitString(signature));
  checkCertificate({ der, toBeSigned, issuer, signer, order });
  return der;
}
