import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { eachOnce } from '../authority/published-authorities.js';
import { Failure } from '../failure.js';
import { asBuffer } from '../pki/bytes.js';
import type { CertificateFacts } from '../pki/certificate-facts.js';
import { isSignedBy, readCertificate } from '../pki/certificate-facts.js';
import { readDer } from '../pki/der-reader.js';
import type { Der } from '../pki/der.js';
import { asDer } from '../pki/der.js';
import { isMatchingKey } from '../pki/matching-key.js';
import { readPemBlocks } from '../pki/pem.js';

/** A service user's credentials as they stand on record, PEM. */
export interface CredentialTexts {
  readonly username: string;
  /** PKCS#8. */
  readonly keyPem: string;
  readonly certificatePem: string;
  /** The project's CA certificates, one or several. */
  readonly caPem: string;
}

/** The same, judged. */
export interface Credentials {
  /** PrivateKeyInfo (RFC 5958). */
  readonly pkcs8: Der;
  readonly certificate: CertificateFacts;
  /** Each once, in the order given. */
  readonly authorities: readonly CertificateFacts[];
  /** Those of them that issued the certificate, the nearest first; none after its CA has been retired. */
  readonly chain: readonly CertificateFacts[];
}

/**
 * Reads credentials strictly. Throws Failure `internal` where the key does not fit the certificate, or one of the texts
 * is not what it should be: what is on record is the gateway's own work.
 */
export async function readCredentials(texts: CredentialTexts): Promise<Credentials> {
  const { username, keyPem, certificatePem, caPem } = texts;
  const reset = `reset the credentials of ${username}`;
  const [certificate, ...more] = readCertificates(certificatePem);
  if (!certificate || more.length > 0) {
    throw unusable('The certificate on record is not one PEM certificate', reset);
  }
  const authorities = eachOnce(readCertificates(caPem));
  if (authorities.length === 0 || !authorities.every(({ isAuthority }) => isAuthority)) {
    throw unusable('The CA on record is not PEM of CA certificates', 'look at the project CA');
  }
  const read = readKey(keyPem);
  if (!read) throw unusable('The key on record is not one PKCS#8 key in PEM', reset);
  if (!(await isMatchingKey(read.key, certificate))) {
    throw unusable('The key on record does not fit the certificate', reset);
  }
  return {
    pkcs8: read.pkcs8,
    certificate,
    authorities,
    chain: chainOf(certificate, authorities),
  };
}

/** The certificates of a text, their public keys readable; empty where one of them is damaged. */
function readCertificates(text: string): readonly CertificateFacts[] {
  try {
    const certificates = readBlocks('CERTIFICATE', text).map(readCertificate);
    for (const { spki } of certificates) {
      createPublicKey({ key: asBuffer(spki), format: 'der', type: 'spki' });
    }
    return certificates;
  } catch {
    return [];
  }
}

function readKey(text: string): { readonly key: KeyObject; readonly pkcs8: Der } | undefined {
  const [pkcs8, ...more] = readBlocks('PRIVATE KEY', text);
  if (!pkcs8 || more.length > 0) return undefined;
  try {
    readDer(pkcs8);
    return {
      key: createPrivateKey({ key: asBuffer(pkcs8), format: 'der', type: 'pkcs8' }),
      pkcs8,
    };
  } catch {
    // Whatever the library found, its message may quote the key.
    return undefined;
  }
}

/** The contents of a text that holds whole blocks of this label and no other; empty for any other text. */
function readBlocks(label: string, text: string): readonly Der[] {
  const blocks = readPemBlocks(text);
  const isWhole = blocks.length === text.split('-----BEGIN ').length - 1;
  if (!isWhole || blocks.some((block) => block.label !== label)) return [];
  return blocks.map(({ der }) => asDer(der));
}

/** Issuer after issuer by signature: during a roll-over two authorities may bear one name. */
function chainOf(
  certificate: CertificateFacts,
  authorities: readonly CertificateFacts[],
): readonly CertificateFacts[] {
  const chain: CertificateFacts[] = [];
  for (let current = certificate; ;) {
    const child = current;
    const issuer = authorities.find((one) => isSignedBy({ certificate: child, issuer: one }));
    if (!issuer || issuer === child || chain.includes(issuer)) return chain;
    chain.push(issuer);
    current = issuer;
  }
}

function unusable(what: string, remedy: string): Failure {
  return new Failure('internal', `${what}: ${remedy}.`);
}
