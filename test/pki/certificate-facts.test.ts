import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { isSignedBy, judgeSignature, readCertificate } from '../../src/pki/certificate-facts.js';
import { type Issuer } from '../../src/pki/certificate-template.js';
import { MalformedDer } from '../../src/pki/der-reader.js';
import { issue, makeIssuer, opensslBytes } from './issuing.js';

describe('who signed', () => {
  it('is not an authority with the same name and another key, nor one with another name', async () => {
    const [issuer, twin, other] = [
      await makeIssuer(),
      await makeIssuer(),
      await makeIssuer('ec-p256', 'Other'),
    ];
    const certificate = await issue({ issuer });
    expect(isSignedBy({ certificate, issuer: twin.certificate })).toBe(false);
    expect(isSignedBy({ certificate, issuer: other.certificate })).toBe(false);
    expect(isSignedBy({ certificate, issuer: certificate })).toBe(false);
  });

  it('is not believed after any byte of the certificate changed', async () => {
    const issuer = await makeIssuer();
    const { der } = await issue({ issuer });
    for (let at = 0; at < der.length; at++) {
      const changed = Buffer.from(der);
      changed[at] = (changed[at] ?? 0) ^ 0x01;
      expect(isBelieved(changed, issuer)).toBe(false);
    }
  });

  it('is not believed with SHA-1, and believed with PSS and Ed25519', () => {
    for (const [args, believed] of [
      [['-newkey', 'rsa:2048', '-sha1'], false],
      [
        [
          '-newkey',
          'rsa:2048',
          '-sigopt',
          'rsa_padding_mode:pss',
          '-sigopt',
          'rsa_pss_saltlen:digest',
        ],
        true,
      ],
      [['-newkey', 'ed25519'], true],
    ] as const) {
      const der = opensslBytes([
        'req',
        '-x509',
        '-new',
        ...args,
        '-nodes',
        '-keyout',
        '/dev/null',
        '-subj',
        '/CN=x',
        '-outform',
        'DER',
      ]);
      const certificate = readCertificate(der);
      expect(isSignedBy({ certificate, issuer: certificate })).toBe(believed);
      const judged = judgeSignature({ certificate, issuer: certificate });
      expect(judged).toBe(believed ? 'sound' : 'sha1');
    }
  });
});

function isBelieved(der: Uint8Array, issuer: Issuer): boolean {
  try {
    return isSignedBy({ certificate: readCertificate(der), issuer: issuer.certificate });
  } catch (error) {
    if (error instanceof MalformedDer) return false;
    throw error;
  }
}

describe('reading a certificate', () => {
  it('sees what openssl wrote', () => {
    const extensions = [
      'subjectAltName=DNS:a.example,IP:10.0.0.1,IP:::1,email:a@b',
      'keyUsage=critical,nonRepudiation,keyAgreement,decipherOnly',
      'nameConstraints=critical,permitted;DNS:example',
      'basicConstraints=critical,CA:TRUE,pathlen:3',
      'extendedKeyUsage=clientAuth,1.2.3.4',
    ];
    const der = opensslBytes([
      'req',
      '-x509',
      '-new',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      '/dev/null',
      '-subj',
      '/CN=x',
      '-outform',
      'DER',
      ...extensions.flatMap((one) => ['-addext', one]),
    ]);
    const facts = readCertificate(der);
    expect(facts).toMatchObject({
      isAuthority: true,
      pathLength: 3,
      keyUsage: ['nonRepudiation', 'keyAgreement', 'decipherOnly'],
      extendedKeyUsage: ['1.3.6.1.5.5.7.3.2', '1.2.3.4'],
      dnsNames: ['a.example'],
      ipAddresses: ['10.0.0.1', '::1'],
      criticalUnknown: ['2.5.29.30'],
    });
    const oracle = new X509Certificate(der);
    expect(facts.sha256).toBe(oracle.fingerprint256.replaceAll(':', '').toLowerCase());
    expect(facts.serial.replace(/^00/, '')).toBe(oracle.serialNumber.toLowerCase());
    expect(facts.notAfter).toBe(Date.parse(oracle.validTo) / 1000);
  });

  it('throws MalformedDer for every cut', async () => {
    const { der } = await issue({ issuer: await makeIssuer() });
    for (let length = 0; length < der.length; length++) {
      expect(() => readCertificate(der.subarray(0, length))).toThrow(MalformedDer);
    }
    expect(() => readCertificate(Buffer.concat([der, Buffer.from([0])]))).toThrow(MalformedDer);
  });

  it('throws nothing but MalformedDer for every changed byte', async () => {
    const { der } = await issue({
      issuer: await makeIssuer(),
      profile: 'server',
      dnsNames: ['a.example'],
      ipAddresses: ['::1'],
    });
    for (let at = 0; at < der.length; at++) {
      for (const change of [0x01, 0x20, 0x80, 0xff]) {
        const changed = Buffer.from(der);
        changed[at] = (changed[at] ?? 0) ^ change;
        try {
          readCertificate(changed);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedDer);
        }
      }
    }
  });
});
