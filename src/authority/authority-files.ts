import { createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { CertificateFacts } from '../pki/certificate-facts.js';
import { isSignedBy, readCertificate } from '../pki/certificate-facts.js';
import { keyFits, makeSigner } from '../pki/authority-key.js';
import type { Signer } from '../pki/authority-key.js';
import { readPemBlocks } from '../pki/pem.js';
import { StartFault } from '../start-fault.js';

/** The authority that the operator brings: its certificate, its key, and its issuers up to the root. */
export interface BroughtAuthority {
  readonly certificate: CertificateFacts;
  readonly chain: readonly CertificateFacts[];
  readonly signer: Signer;
}

interface AuthorityFiles {
  readonly certFile: string;
  readonly keyFile: string;
  readonly chainFile?: string | undefined;
}

/**
 * Reads and judges the operator's files before anything is changed. Throws StartFault: one sentence a fault. `now` in
 * seconds.
 */
export async function readAuthorityFiles(
  files: AuthorityFiles,
  now: number,
): Promise<BroughtAuthority> {
  const [certificate, ...beneath] = await readCertificates('EVERLEAF_CA_CERT_FILE', files.certFile);
  if (!certificate)
    throw new StartFault(`EVERLEAF_CA_CERT_FILE: ${files.certFile} holds no certificate.`);
  const listed =
    files.chainFile === undefined
      ? []
      : await readCertificates('EVERLEAF_CA_CHAIN_FILE', files.chainFile);
  refuseUnfitAuthority(certificate, files.certFile, now);
  const signer = await readSigner(files.keyFile);
  if (!keyFits(signer, certificate)) {
    throw new StartFault(
      `EVERLEAF_CA_KEY_FILE: the key in ${files.keyFile} does not fit the certificate in ${files.certFile}.`,
    );
  }
  const candidates = [...beneath, ...listed].filter((other) => other.sha256 !== certificate.sha256);
  return { certificate, signer, chain: buildChain({ certificate, candidates, now, files }) };
}

function refuseUnfitAuthority(certificate: CertificateFacts, file: string, now: number): void {
  const refuse = (why: string): never => {
    throw new StartFault(`EVERLEAF_CA_CERT_FILE: the certificate in ${file} ${why}.`);
  };
  if (!certificate.isAuthority) refuse('is not a CA: basicConstraints lacks CA:TRUE');
  if (certificate.keyUsage.length > 0 && !certificate.keyUsage.includes('keyCertSign')) {
    refuse('may not sign certificates: keyUsage lacks keyCertSign');
  }
  if (certificate.keyUsage.length > 0 && !certificate.keyUsage.includes('cRLSign')) {
    refuse('may not sign revocation lists: keyUsage lacks cRLSign');
  }
  if (now > certificate.notAfter) refuse(`expired on ${dateOf(certificate.notAfter)}`);
  if (now < certificate.notBefore) refuse(`is not valid before ${dateOf(certificate.notBefore)}`);
}

/** Issuer after issuer up to a self-signed root; the files may hold them in any order. */
function buildChain(input: {
  certificate: CertificateFacts;
  candidates: readonly CertificateFacts[];
  now: number;
  files: AuthorityFiles;
}): CertificateFacts[] {
  const { certificate, candidates, now, files } = input;
  const chain: CertificateFacts[] = [];
  const where = files.chainFile === undefined ? 'EVERLEAF_CA_CERT_FILE' : 'EVERLEAF_CA_CHAIN_FILE';
  let current = certificate;
  while (!isSignedBy({ certificate: current, issuer: current })) {
    const child = current;
    const issuer = candidates.find(
      (candidate) =>
        !chain.includes(candidate) && isSignedBy({ certificate: child, issuer: candidate }),
    );
    if (!issuer) {
      if (candidates.length === 0) return chain;
      throw new StartFault(
        `${where}: the chain is broken: no certificate in it signed the one before it.`,
      );
    }
    if (!issuer.isAuthority)
      throw new StartFault(`${where}: the chain is broken: a certificate in it is not a CA.`);
    if (now > issuer.notAfter) {
      throw new StartFault(
        `${where}: a certificate of the chain expired on ${dateOf(issuer.notAfter)}.`,
      );
    }
    chain.push(issuer);
    current = issuer;
  }
  if (chain.length < candidates.length) {
    throw new StartFault(
      `${where}: the chain is broken: it holds a certificate that does not belong to it.`,
    );
  }
  return chain;
}

async function readCertificates(variable: string, file: string): Promise<CertificateFacts[]> {
  const text = await readText(variable, file);
  const blocks = readPemBlocks(text).filter(({ label }) => label === 'CERTIFICATE');
  if (blocks.length === 0) throw new StartFault(`${variable}: ${file} holds no PEM certificate.`);
  try {
    return blocks.map(({ der }) => readCertificate(der));
  } catch (cause) {
    throw new StartFault(`${variable}: a certificate in ${file} is damaged.`, { cause });
  }
}

async function readSigner(file: string): Promise<Signer> {
  const text = await readText('EVERLEAF_CA_KEY_FILE', file);
  const key = parseKey(text, file);
  try {
    return makeSigner(key);
  } catch (cause) {
    throw new StartFault(
      `EVERLEAF_CA_KEY_FILE: the key in ${file} is of a kind that does not serve here: RSA of 2048 bits or more, P-256, P-384 or P-521.`,
      { cause },
    );
  }
}

function parseKey(text: string, file: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch (cause) {
    const why = text.includes('ENCRYPTED')
      ? 'is encrypted: give it without a passphrase'
      : 'is not a PEM private key';
    // The cause may quote the file, so it stays out of the log.
    void cause;
    throw new StartFault(`EVERLEAF_CA_KEY_FILE: ${file} ${why}.`);
  }
}

async function readText(variable: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
    throw new StartFault(`${variable}: ${file} cannot be read (${code}).`, { cause });
  }
}

function dateOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
