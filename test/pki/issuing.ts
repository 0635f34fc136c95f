import { execFileSync } from 'node:child_process';
import { createPublicKey, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKey, makeSigner, type AuthorityKeyType } from '../../src/pki/authority-key.js';
import { readCertificate, type CertificateFacts } from '../../src/pki/certificate-facts.js';
import type { Pointers, Profile } from '../../src/pki/certificate-profile.js';
import {
  makeSelfSignedAuthority,
  makeTemplate,
  signCertificate,
  type CertificateOrder,
  type Issuer,
} from '../../src/pki/certificate-template.js';
import { asDer } from '../../src/pki/der.js';
import { buildAuthorityName, buildSubject } from '../../src/pki/names.js';
import { encodePem } from '../../src/pki/pem.js';
import { newSerialNumber } from '../../src/pki/serial-number.js';
import { makeKey, type TestKeyType } from '../support/requests.js';

export const day = 86_400;
export const now = Date.UTC(2026, 10, 20) / 1000;

export const pointers: Pointers = {
  crlUrl: 'http://pki.example/pki/a.crl',
  ocspUrl: 'http://pki.example/pki/ocsp',
  issuerUrl: 'http://pki.example/pki/a.crt',
};

export const subject = buildSubject({
  CN: 'app',
  O: 'Organization',
  OU: 'OrgUnit',
  L: 'Waldorf',
  ST: 'Waldorf',
  C: 'DE',
});

/** A self-signed authority of ten years with a new key. */
export async function makeIssuer(
  type: AuthorityKeyType = 'ec-p256',
  name = 'Everleaf CA',
): Promise<Issuer> {
  const signer = makeSigner(await generateKey(type));
  const der = await makeSelfSignedAuthority({
    signer,
    subject: buildAuthorityName({ CN: name, O: 'Everleaf' }),
    serial: newSerialNumber(randomBytes),
    notBefore: now,
    notAfter: now + 3650 * day,
  });
  return { certificate: readCertificate(der), signer };
}

/** An order over a new key for 92 days, with some fields replaced. */
export function orderOf(
  key: TestKeyType,
  fields: Partial<CertificateOrder> = {},
): CertificateOrder {
  const spki = asDer(createPublicKey(makeKey(key)).export({ format: 'der', type: 'spki' }));
  const serial = newSerialNumber(randomBytes);
  return { serial, subject, notBefore: now, notAfter: now + 92 * day, spki, ...fields };
}

/** Signs one certificate by a template of its own and reads it. */
export async function issue(input: {
  readonly issuer: Issuer;
  readonly profile?: Profile;
  readonly order?: CertificateOrder;
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
}): Promise<CertificateFacts> {
  const { issuer, profile = 'client', order = orderOf('prime256v1'), ...hosts } = input;
  const template = makeTemplate({ profile, issuer, pointers, ...hosts });
  return readCertificate(await signCertificate({ template, issuer, order }));
}

/** What `openssl verify -x509_strict` says a day after `now`; throws where it refuses. */
export function opensslVerify(input: {
  readonly issuer: Issuer;
  readonly der: Uint8Array;
  readonly revocationList?: Uint8Array;
  readonly args?: readonly string[];
}): string {
  const { issuer, der, revocationList, args = [] } = input;
  return withFiles(
    {
      ca: encodePem('CERTIFICATE', issuer.certificate.der),
      leaf: encodePem('CERTIFICATE', der),
      crl: encodePem('X509 CRL', revocationList ?? new Uint8Array()),
    },
    (path) => {
      const time = ['-attime', String(now + day), '-CAfile', path('ca')];
      const list = revocationList === undefined ? [] : ['-crl_check', '-CRLfile', path('crl')];
      return openssl([
        'verify',
        '-x509_strict',
        '-check_ss_sig',
        ...time,
        ...list,
        ...args,
        path('leaf'),
      ]);
    },
  );
}

/** What openssl says on standard output; throws where it fails. */
export function openssl(args: readonly string[], input?: Uint8Array): string {
  return opensslBytes(args, input).toString();
}

/** The same as bytes. */
export function opensslBytes(args: readonly string[], input?: Uint8Array): Buffer {
  return execFileSync('openssl', args, { input, stdio: 'pipe', maxBuffer: 2 ** 26 });
}

/** Writes texts into a directory that exists as long as `use` runs. */
export function withFiles<T>(
  files: Readonly<Record<string, string>>,
  use: (path: (name: string) => string) => T,
): T {
  const directory = mkdtempSync(join(tmpdir(), 'everleaf-pki-'));
  const path = (name: string): string => join(directory, name);
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(path(name), text);
    return use(path);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
