import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Holder } from './gateway.js';
import { holderFrom } from './gateway.js';
import { outputOf } from './run.js';

/** An authority that openssl made, in files. */
export interface OpensslAuthority {
  readonly certFile: string;
  readonly keyFile: string;
  /** Settings that bring it to a gateway. */
  readonly settings: Readonly<Record<string, string>>;
}

const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'] as const;

/** A self-signed authority; `keyId` in hex where it must be a certain one. */
export async function makeOpensslAuthority(input: {
  readonly folder: string;
  readonly name: string;
  readonly subject?: string;
  readonly keyId?: string;
}): Promise<OpensslAuthority> {
  const { folder, name, subject = `/CN=${name}`, keyId = 'hash' } = input;
  const certFile = join(folder, `${name}.crt`);
  const keyFile = join(folder, `${name}.key`);
  const configFile = join(folder, 'openssl.cnf');
  // The system's own file would add extensions of its own.
  writeFileSync(configFile, '[req]\ndistinguished_name = dn\n[dn]\n');
  const extensions = [
    'basicConstraints=critical,CA:TRUE',
    'keyUsage=critical,keyCertSign,cRLSign',
    `subjectKeyIdentifier=${keyId}`,
  ].flatMap((extension) => ['-addext', extension]);
  const words = ['-config', configFile, ...curve, '-days', '365', '-subj', subject, ...extensions];
  await outputOf(['openssl', 'req', '-x509', ...words, '-keyout', keyFile, '-out', certFile]);
  const settings = { EVERLEAF_CA_CERT_FILE: certFile, EVERLEAF_CA_KEY_FILE: keyFile };
  return { certFile, keyFile, settings };
}

/** A certificate that no gateway knows of: signed by `authority`, or by itself where there is none. */
export async function signOutside(input: {
  readonly folder: string;
  readonly subject: string;
  readonly authority?: OpensslAuthority;
  /** A line of openssl's extension section each. */
  readonly extensions?: readonly string[];
  readonly serial?: string;
}): Promise<Holder> {
  const { folder, subject, authority, extensions = ['extendedKeyUsage=clientAuth'] } = input;
  const { serial = '4711' } = input;
  const at = (ending: string): string => join(folder, `outside.${ending}`);
  const asked = [...curve, '-subj', subject, '-keyout', at('key'), '-out', at('csr')];
  await outputOf(['openssl', 'req', '-new', ...asked]);
  writeFileSync(at('ext'), `${extensions.join('\n')}\n`);
  const signer = authority
    ? ['-CA', authority.certFile, '-CAkey', authority.keyFile, '-set_serial', serial]
    : ['-signkey', at('key')];
  const words = ['-req', '-in', at('csr'), '-days', '30', '-extfile', at('ext'), ...signer];
  await outputOf(['openssl', 'x509', ...words, '-out', at('crt')]);
  return readHolder({ certFile: at('crt'), keyFile: at('key') });
}

/** A certificate as the Connector Service made them, in `outside.crt` and `outside.key`. */
export async function signAsOriginal(input: {
  readonly folder: string;
  readonly subject: string;
  readonly authority: OpensslAuthority;
}): Promise<Holder> {
  const extensions = [
    'keyUsage=critical,digitalSignature',
    'extendedKeyUsage=clientAuth',
    'subjectKeyIdentifier=none',
    'authorityKeyIdentifier=keyid',
  ];
  return signOutside({ ...input, extensions, serial: '2' });
}

/** The pair in two files. */
function readHolder(files: { readonly certFile: string; readonly keyFile: string }): Holder {
  const certPem = readFileSync(files.certFile, 'utf8');
  const key = createPrivateKey(readFileSync(files.keyFile, 'utf8'));
  const application = /CN=(.*)/.exec(new X509Certificate(certPem).subject)?.[1] ?? '';
  return holderFrom({ clientCrt: Buffer.from(certPem).toString('base64') }, { application, key });
}
