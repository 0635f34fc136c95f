import { createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { isoTime } from '../iso-time.js';
import type { CertificateFacts } from '../pki/certificate-facts.js';
import { isSignedBy, readCertificate } from '../pki/certificate-facts.js';
import { keyFits, makeSigner } from '../pki/authority-key.js';
import type { Signer } from '../pki/authority-key.js';
import { readPemBlocks } from '../pki/pem.js';
import { readSettingFile } from '../setting-file.js';
import { StartFault } from '../start-fault.js';

/** The authority that the operator brings: its certificate, its key, and its issuers up to the root. */
export interface BroughtAuthority {
  readonly certificate: CertificateFacts;
  readonly chain: readonly CertificateFacts[];
  readonly key: KeyObject;
  readonly signer: Signer;
}

interface AuthorityFiles {
  readonly certFile: string;
  readonly keyFile: string;
  readonly chainFile?: string | undefined;
  /** What the operator calls them, for the sentences of faults. */
  readonly names: FileNames;
}

interface FileNames {
  readonly cert: string;
  readonly key: string;
  readonly chain: string;
}

/** The settings that name the files of an authority. */
export const settingNames: FileNames = {
  cert: 'EVERLEAF_CA_CERT_FILE',
  key: 'EVERLEAF_CA_KEY_FILE',
  chain: 'EVERLEAF_CA_CHAIN_FILE',
};

/**
 * Reads and judges the operator's files before anything is changed. Throws StartFault: one sentence a fault. `now` in
 * seconds.
 */
export async function readAuthorityFiles(
  files: AuthorityFiles,
  now: number,
): Promise<BroughtAuthority> {
  const { names } = files;
  const [certificate, ...beneath] = await readCertificates(names.cert, files.certFile);
  if (!certificate) throw new StartFault(`${names.cert}: ${files.certFile} holds no certificate.`);
  const listed =
    files.chainFile === undefined ? [] : await readCertificates(names.chain, files.chainFile);
  refuseUnfitAuthority(certificate, files, now);
  const { key, signer } = await readSigner(files);
  if (!keyFits(signer, certificate)) {
    throw new StartFault(
      `${names.key}: the key in ${files.keyFile} does not fit the certificate in ${files.certFile}.`,
    );
  }
  const others = [...beneath, ...listed].filter((other) => other.sha256 !== certificate.sha256);
  const candidates = [...new Map(others.map((other) => [other.sha256, other])).values()];
  return { certificate, key, signer, chain: buildChain({ certificate, candidates, now, files }) };
}

function refuseUnfitAuthority(
  certificate: CertificateFacts,
  { certFile, names }: AuthorityFiles,
  now: number,
): void {
  const why =
    unfitness({ certificate, now, below: 0 }) ??
    (lacksUsage(certificate, 'cRLSign')
      ? 'may not sign revocation lists: keyUsage lacks cRLSign'
      : undefined);
  if (why === undefined) return;
  const isOver = now > certificate.notAfter;
  const remedy = isOver ? ': where a roll-over has led to another CA, leave the setting out' : '';
  throw new StartFault(`${names.cert}: the certificate in ${certFile} ${why}${remedy}.`);
}

/** Why a certificate cannot be an issuer with so many authorities `below` it (RFC 5280 6.1.4 k to n). */
function unfitness(input: {
  certificate: CertificateFacts;
  now: number;
  below: number;
}): string | undefined {
  const { certificate, now, below } = input;
  if (!certificate.isAuthority) return 'is not a CA: basicConstraints lacks CA:TRUE';
  if (lacksUsage(certificate, 'keyCertSign'))
    return 'may not sign certificates: keyUsage lacks keyCertSign';
  if (now > certificate.notAfter) return `expired on ${isoTime(certificate.notAfter)}`;
  if (now < certificate.notBefore) return `is not valid before ${isoTime(certificate.notBefore)}`;
  if (certificate.pathLength !== undefined && certificate.pathLength < below)
    return 'may not stand above so many others: its pathlen is too small';
  return undefined;
}

function lacksUsage({ keyUsage }: CertificateFacts, usage: string): boolean {
  return keyUsage.length > 0 && !keyUsage.includes(usage);
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
  const where = files.chainFile === undefined ? files.names.cert : files.names.chain;
  const refuse = (why: string): never => {
    throw new StartFault(`${where}: the chain is broken: ${why}.`);
  };
  let current = certificate;
  while (!isSignedBy({ certificate: current, issuer: current })) {
    const child = current;
    const issuer = candidates.find(
      (candidate) =>
        !chain.includes(candidate) && isSignedBy({ certificate: child, issuer: candidate }),
    );
    if (!issuer) {
      if (candidates.length === 0) return chain;
      return refuse('no certificate in it signed the one before it');
    }
    chain.push(issuer);
    const why = unfitness({ certificate: issuer, now, below: chain.length });
    if (why !== undefined) refuse(`a certificate in it ${why}`);
    current = issuer;
  }
  if (chain.length < candidates.length) refuse('it holds a certificate that does not belong to it');
  return chain;
}

async function readCertificates(variable: string, file: string): Promise<CertificateFacts[]> {
  const text = await readSettingFile(variable, file);
  const blocks = readPemBlocks(text).filter(({ label }) => label === 'CERTIFICATE');
  if (blocks.length === 0) throw new StartFault(`${variable}: ${file} holds no PEM certificate.`);
  try {
    return blocks.map(({ der }) => readCertificate(der));
  } catch (cause) {
    throw new StartFault(`${variable}: a certificate in ${file} is damaged.`, { cause });
  }
}

async function readSigner({
  keyFile: file,
  names,
}: AuthorityFiles): Promise<{ key: KeyObject; signer: Signer }> {
  const text = await readSettingFile(names.key, file);
  const key = parseKey(text, { file, variable: names.key });
  try {
    return { key, signer: makeSigner(key) };
  } catch (cause) {
    throw new StartFault(
      `${names.key}: the key in ${file} is of a kind that does not serve here: RSA of 2048 bits or more, P-256, P-384 or P-521.`,
      { cause },
    );
  }
}

function parseKey(text: string, { file, variable }: { file: string; variable: string }): KeyObject {
  try {
    return createPrivateKey(text);
  } catch {
    // The library's message may quote the file, so it is not kept as a cause.
    const why = text.includes('ENCRYPTED')
      ? 'is encrypted: give it without a passphrase'
      : 'is not a PEM private key';
    throw new StartFault(`${variable}: ${file} ${why}.`);
  }
}
