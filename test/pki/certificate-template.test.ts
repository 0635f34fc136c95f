import { randomBytes, X509Certificate } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Certificate } from 'pkijs';
import { keyFits, makeSigner } from '../../src/pki/authority-key.js';
import { isSignedBy, readCertificate } from '../../src/pki/certificate-facts.js';
import {
  makeSelfSignedAuthority,
  makeTemplate,
  signCertificate,
  type CertificateOrder,
  type Issuer,
} from '../../src/pki/certificate-template.js';
import { MalformedDer } from '../../src/pki/der-reader.js';
import { asDer } from '../../src/pki/der.js';
import { buildAuthorityName } from '../../src/pki/names.js';
import { newSerialNumber } from '../../src/pki/serial-number.js';
import { makeKey } from '../support/requests.js';
import {
  day,
  issue,
  makeIssuer,
  now,
  openssl,
  opensslVerify,
  orderOf,
  pointers,
  subject,
} from './issuing.js';

describe('every kind of authority key', () => {
  it.each(['ec-p256', 'ec-p384', 'rsa-2048', 'rsa-3072', 'rsa-4096'] as const)(
    '%s: openssl -x509_strict accepts root and client certificate',
    async (type) => {
      const issuer = await makeIssuer(type);
      const certificate = await issue({ issuer });
      expect(
        opensslVerify({ issuer, der: certificate.der, args: ['-purpose', 'sslclient'] }),
      ).toContain('OK');
      expect(opensslVerify({ issuer, der: issuer.certificate.der })).toContain('OK');
      expect(isSignedBy({ certificate, issuer: issuer.certificate })).toBe(true);
      expect(keyFits(issuer.signer, issuer.certificate)).toBe(true);
    },
  );

  it.each(['rsa-1024', 'secp256k1', 'ed25519', 'pss-2048', 'secp224r1'] as const)(
    '%s cannot sign here',
    (type) => {
      expect(() => makeSigner(makeKey(type))).toThrow(
        expect.objectContaining({ kind: 'key-unsupported' }),
      );
    },
  );

  it('another key does not fit the certificate', async () => {
    const [one, two] = [await makeIssuer(), await makeIssuer()];
    expect(keyFits(one.signer, two.certificate)).toBe(false);
  });

  it('P-521 signs with SHA-512', async () => {
    const signer = makeSigner(makeKey('secp521r1'));
    const name = buildAuthorityName({ CN: 'x', O: 'y' });
    const fields = { serial: newSerialNumber(randomBytes), notBefore: now, notAfter: now + day };
    const root = readCertificate(
      await makeSelfSignedAuthority({ signer, subject: name, ...fields }),
    );
    expect(root.signatureAlgorithm).toBe('1.2.840.10045.4.3.4');
  });
});

const hosts = {
  dnsNames: ['localhost', 'gw.example'],
  ipAddresses: ['127.0.0.1', '2001:db8::1'],
};

describe('a profile', () => {
  it.each(['rsa-2048', 'rsa-3072', 'secp384r1', 'secp521r1', 'ed25519'] as const)(
    'client: certifies a key of type %s',
    async (type) => {
      const issuer = await makeIssuer();
      const order = orderOf(type);
      const facts = await issue({ issuer, order });
      expect(opensslVerify({ issuer, der: facts.der, args: ['-purpose', 'sslclient'] })).toContain(
        'OK',
      );
      expect(facts).toMatchObject({
        serial: order.serial,
        keyUsage: ['digitalSignature'],
        extendedKeyUsage: ['1.3.6.1.5.5.7.3.2'],
        isAuthority: false,
        dnsNames: [],
        criticalUnknown: [],
      });
      expect(facts.authorityKeyIdentifier).toBe(issuer.certificate.subjectKeyIdentifier);
    },
  );

  it('client: is no server and no authority', async () => {
    const issuer = await makeIssuer();
    const { der } = await issue({ issuer });
    expect(() => opensslVerify({ issuer, der, args: ['-purpose', 'sslserver'] })).toThrow();
    expect(() => opensslVerify({ issuer, der, args: ['-purpose', 'crlsign'] })).toThrow();
  });

  it.each([
    ['prime256v1', ['digitalSignature']],
    ['rsa-2048', ['digitalSignature', 'keyEncipherment']],
  ] as const)(
    'server: carries hosts and addresses over a key of type %s',
    async (type, keyUsage) => {
      const issuer = await makeIssuer();
      const facts = await issue({ issuer, profile: 'server', order: orderOf(type), ...hosts });
      for (const check of [
        ['-verify_hostname', 'gw.example'],
        ['-verify_ip', '2001:db8::1'],
        ['-verify_ip', '127.0.0.1'],
      ]) {
        expect(
          opensslVerify({ issuer, der: facts.der, args: ['-purpose', 'sslserver', ...check] }),
        ).toContain('OK');
      }
      expect(facts).toMatchObject({
        keyUsage,
        dnsNames: ['localhost', 'gw.example'],
        ipAddresses: ['127.0.0.1', '2001:db8::1'],
      });
    },
  );

  it('ocsp: signs answers and needs no check of its own', async () => {
    const issuer = await makeIssuer();
    const { der } = await issue({ issuer, profile: 'ocsp' });
    expect(opensslVerify({ issuer, der, args: ['-purpose', 'ocsphelper'] })).toContain('OK');
    expect(openssl(['x509', '-inform', 'DER', '-noout', '-text'], der)).toMatch(
      /OCSP Signing[^]*OCSP No Check/,
    );
  });

  it('authority: signs certificates and lists, end entities only', async () => {
    const issuer = await makeIssuer();
    expect(issuer.certificate).toMatchObject({
      isAuthority: true,
      pathLength: 0,
      keyUsage: ['keyCertSign', 'cRLSign'],
      extendedKeyUsage: [],
    });
    expect((await issue({ issuer, profile: 'authority' })).isAuthority).toBe(true);
  });

  it('pointers stand in the certificate where they are given, and only there', async () => {
    const issuer = await makeIssuer();
    const text = new X509Certificate((await issue({ issuer })).der);
    expect(text.infoAccess).toBe(
      'OCSP - URI:http://pki.example/pki/ocsp\nCA Issuers - URI:http://pki.example/pki/a.crt',
    );
    const template = makeTemplate({ profile: 'client', issuer, pointers: {} });
    const bare = await signCertificate({ template, issuer, order: orderOf('ed25519') });
    expect(new X509Certificate(bare).infoAccess).toBeUndefined();
    expect(Buffer.from(bare).includes('http://')).toBe(false);
  });
});

describe('a signed certificate', () => {
  it('is what pkijs reads', async () => {
    const issuer = await makeIssuer();
    const order = orderOf('prime256v1');
    const oracle = Certificate.fromBER(new Uint8Array((await issue({ issuer, order })).der));
    expect(oracle.version).toBe(2);
    expect(oracle.serialNumber.toBigInt().toString(16)).toBe(order.serial);
    expect(oracle.notBefore.value.getTime()).toBe(order.notBefore * 1000);
    expect(oracle.notAfter.value.getTime()).toBe(order.notAfter * 1000);
    expect(Buffer.from(oracle.subject.toSchema().toBER())).toEqual(Buffer.from(subject));
    expect(Buffer.from(oracle.issuer.toSchema().toBER())).toEqual(
      Buffer.from(issuer.certificate.subject),
    );
  });

  it('writes UTCTime until 2049 and GeneralizedTime from 2050 on', async () => {
    const issuer = await makeIssuer();
    const border = Date.UTC(2050) / 1000;
    const facts = await issue({
      issuer,
      order: orderOf('ed25519', { notBefore: border - 1, notAfter: border }),
    });
    expect(Buffer.from(facts.der).includes('491231235959Z')).toBe(true);
    expect(Buffer.from(facts.der).includes('20500101000000Z')).toBe(true);
    expect([facts.notBefore, facts.notAfter]).toEqual([border - 1, border]);
  });

  it.each([Number.NaN, 1.5, -1e12, 1e12])('refuses the time %d', async (notAfter) => {
    const issuer = await makeIssuer();
    await expect(issue({ issuer, order: orderOf('ed25519', { notAfter }) })).rejects.toThrow(
      RangeError,
    );
  });

  it('does not leave when a field differs from its order', async () => {
    const issuer = await makeIssuer();
    const template = makeTemplate({ profile: 'client', issuer, pointers });
    const order = orderOf('prime256v1');
    const others: Partial<CertificateOrder>[] = [
      { serial: newSerialNumber(randomBytes) },
      { subject: buildAuthorityName({ CN: 'other', O: 'x' }) },
      { notBefore: now + 1 },
      { notAfter: now + 1 },
      { spki: orderOf('prime256v1').spki },
    ];
    for (const other of others) {
      const wrong = { toBeSigned: () => template.toBeSigned({ ...order, ...other }) };
      await expect(signCertificate({ template: wrong, issuer, order })).rejects.toThrow(
        /differs in its/,
      );
    }
  });

  it('does not leave when it ends before it begins, or names another issuer', async () => {
    const issuer = await makeIssuer();
    const other = await makeIssuer('ec-p256', 'Other CA');
    await expect(
      issue({ issuer, order: orderOf('ed25519', { notAfter: now - 1 }) }),
    ).rejects.toThrow(/notAfter/);
    const template = makeTemplate({ profile: 'client', issuer: other, pointers });
    await expect(signCertificate({ template, issuer, order: orderOf('ed25519') })).rejects.toThrow(
      /issuer/,
    );
  });

  it.each(['ec-p256', 'rsa-2048'] as const)(
    'does not leave with a faulty %s signature',
    async (type) => {
      const issuer = await makeIssuer(type);
      const faulty: Issuer = {
        ...issuer,
        signer: {
          ...issuer.signer,
          sign: async (data) => {
            const signature = Buffer.from(await issuer.signer.sign(data));
            signature[40] = (signature[40] ?? 0) ^ 1;
            return signature;
          },
        },
      };
      await expect(issue({ issuer: faulty })).rejects.toThrow(/does not verify/);
    },
  );

  it('does not leave with bytes that are not DER', async () => {
    const issuer = await makeIssuer();
    const order = orderOf('ed25519', { subject: asDer(Buffer.from('3001', 'hex')) });
    await expect(issue({ issuer, order })).rejects.toThrow(MalformedDer);
  });
});

describe('a serial number', () => {
  it('is positive, has 16 octets and differs each time', () => {
    const serials = Array.from({ length: 1000 }, () => newSerialNumber(randomBytes));
    expect(new Set(serials).size).toBe(1000);
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9a-f]{31}$/);
  });

  it('has 126 bits of the random source', () => {
    expect(newSerialNumber(() => new Uint8Array(16))).toBe(`40${'00'.repeat(15)}`);
    expect(newSerialNumber(() => new Uint8Array(16).fill(255))).toBe(`7f${'ff'.repeat(15)}`);
    expect(() => newSerialNumber(() => new Uint8Array(8))).toThrow();
  });
});
