import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateKey, makeSigner } from '../../src/pki/authority-key.js';
import { makeSelfSignedAuthority } from '../../src/pki/certificate-template.js';
import { buildAuthorityName } from '../../src/pki/names.js';
import { encodePem } from '../../src/pki/pem.js';
import { newSerialNumber } from '../../src/pki/serial-number.js';
import { outputOf } from './run.js';

/** A certificate and its key, in files. */
export interface CertifiedKey {
  readonly certFile: string;
  readonly keyFile: string;
}

/** Options of `openssl req -newkey`. */
const newKeys = {
  rsa: ['-newkey', 'rsa:2048'],
  ec: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
} as const;

interface MakeInput {
  readonly folder: string;
  readonly name: string;
  readonly key?: keyof typeof newKeys;
  readonly days?: number;
  /** Lines of openssl's extension section. */
  readonly extensions?: readonly string[];
}

const authorityExtensions = [
  'basicConstraints=critical,CA:TRUE',
  'keyUsage=critical,keyCertSign,cRLSign',
  'subjectKeyIdentifier=hash',
];

/** A self-signed authority, as an operator makes one with openssl. */
export async function makeRoot(input: MakeInput): Promise<CertifiedKey> {
  const { name, key = 'ec', days = 3650, extensions = authorityExtensions } = input;
  const files = filesOf(input);
  const config = join(input.folder, `${name}.cnf`);
  const lines = ['[req]', 'distinguished_name=dn', '[dn]', '[extensions]', ...extensions];
  await writeFile(config, `${lines.join('\n')}\n`);
  const words = ['-x509', ...newKeys[key], '-nodes', '-days', String(days), '-config', config];
  const names = ['-subj', `/O=Example/CN=${name}`, '-extensions', 'extensions'];
  const out = ['-keyout', files.keyFile, '-out', files.certFile];
  await outputOf(['openssl', 'req', ...words, ...names, ...out]);
  return files;
}

/** A certificate signed by another, by default an authority. */
export async function makeIssued(
  input: MakeInput & { issuer: CertifiedKey },
): Promise<CertifiedKey> {
  const { folder, name, key = 'ec', days = 1825, issuer } = input;
  const { extensions = [...authorityExtensions, 'authorityKeyIdentifier=keyid'] } = input;
  const files = filesOf(input);
  const [request, section] = [join(folder, `${name}.csr`), join(folder, `${name}.ext`)];
  await writeFile(section, `${extensions.join('\n')}\n`);
  const subject = ['-subj', `/O=Example/CN=${name}`];
  const out = ['-keyout', files.keyFile, '-out', request];
  await outputOf(['openssl', 'req', '-new', ...newKeys[key], '-nodes', ...subject, ...out]);
  const signing = ['-CA', issuer.certFile, '-CAkey', issuer.keyFile, '-CAcreateserial'];
  const words = ['x509', '-req', '-in', request, ...signing, '-days', String(days)];
  await outputOf(['openssl', ...words, '-extfile', section, '-out', files.certFile]);
  return files;
}

/** A self-signed authority with dates that openssl does not make; seconds UTC. */
export async function makeDatedRoot(input: {
  readonly folder: string;
  readonly name: string;
  readonly notBefore: number;
  readonly notAfter: number;
}): Promise<CertifiedKey> {
  const files = filesOf(input);
  const key = await generateKey('ec-p256');
  const der = await makeSelfSignedAuthority({
    signer: makeSigner(key),
    subject: buildAuthorityName({ O: 'Example', CN: input.name }),
    serial: newSerialNumber((length) => randomBytes(length)),
    notBefore: input.notBefore,
    notAfter: input.notAfter,
  });
  await writeFile(files.certFile, encodePem('CERTIFICATE', der));
  await writeFile(files.keyFile, key.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
  return files;
}

/** The settings that make a gateway issue with it. */
export function bring(
  { certFile, keyFile }: CertifiedKey,
  chainFile?: string,
): Readonly<Record<string, string>> {
  return {
    EVERLEAF_CA_CERT_FILE: certFile,
    EVERLEAF_CA_KEY_FILE: keyFile,
    ...(chainFile === undefined ? {} : { EVERLEAF_CA_CHAIN_FILE: chainFile }),
  };
}

function filesOf({ folder, name }: { folder: string; name: string }): CertifiedKey {
  return { certFile: join(folder, `${name}.crt`), keyFile: join(folder, `${name}.key`) };
}
