import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fromBER } from 'asn1js';
import { ContentInfo, SignedData } from 'pkijs';
import { encodeCertsOnly } from '../../src/pki/certs-only.js';
import { encodeCsrAttributes } from '../../src/pki/csr-attributes.js';
import { derOf, readDer } from '../../src/pki/der-reader.js';
import { encodeDer, encodeSequence } from '../../src/pki/der-writer.js';
import type { Der } from '../../src/pki/der.js';
import { readPemBlocks } from '../../src/pki/pem.js';
import { issue, makeIssuer, openssl } from './issuing.js';

/** A certs-only message as bytes. */
function encodeMessage(certificates: readonly Der[]): Buffer {
  return Buffer.from(encodeCertsOnly(certificates));
}

/** The certificates of a message by strict DER, one after the other. */
function certificatesOf(message: Uint8Array): Buffer {
  const signedData = readDer(message).children[1]?.children[0];
  return Buffer.concat((signedData?.children[3]?.children ?? []).map(derOf));
}

describe('a certs-only message', () => {
  it('is read by openssl pkcs7, each certificate once', async () => {
    const issuer = await makeIssuer();
    const issued = [await issue({ issuer }), await issue({ issuer })];
    const certificates = [issuer.certificate, ...issued].map(({ der }) => der);
    const printed = openssl(
      ['pkcs7', '-inform', 'DER', '-print_certs'],
      encodeCertsOnly(certificates),
    );
    const read = readPemBlocks(printed).map(({ der }) => Buffer.from(der).toString('hex'));
    expect(read.sort()).toEqual(certificates.map((der) => Buffer.from(der).toString('hex')).sort());
  });

  it('is SignedData of version 1 that signs nothing, by asn1js and pkijs', async () => {
    const issuer = await makeIssuer();
    const message = Uint8Array.from(encodeCertsOnly([issuer.certificate.der]));
    const { result, offset } = fromBER(message);
    expect(offset).toBe(message.length);
    const content = new ContentInfo({ schema: result });
    expect(content.contentType).toBe('1.2.840.113549.1.7.2');
    const signed = new SignedData({ schema: content.content });
    expect(signed).toMatchObject({ version: 1, digestAlgorithms: [], signerInfos: [] });
    expect(signed.encapContentInfo.eContentType).toBe('1.2.840.113549.1.7.1');
    expect(signed.encapContentInfo.eContent).toBeUndefined();
    expect(signed.crls).toBeUndefined();
    expect(signed.certificates).toHaveLength(1);
  });

  it('has the bytes of DER: the same whatever the order, and what it was made of, for any certificates', () => {
    // Lengths around those at which DER's own length grows by a byte.
    const length = fc.oneof(
      fc.nat({ max: 300 }),
      fc.constantFrom(0x7f, 0x80, 0xff, 0x100, 0xfff0, 0xffff, 0x10000),
    );
    const certificate = fc
      .tuple(length, fc.nat({ max: 255 }))
      .map(([size, byte]) => encodeSequence(encodeDer(0x04, Buffer.alloc(size, byte))));
    fc.assert(
      fc.property(fc.array(certificate, { minLength: 1, maxLength: 4 }), (list) => {
        const message = encodeMessage(list);
        expect(encodeMessage([...list].reverse()).equals(message)).toBe(true);
        const sorted = [...list].sort(Buffer.compare);
        expect(certificatesOf(message).equals(Buffer.concat(sorted))).toBe(true);
        expect(fromBER(Uint8Array.from(message)).offset).toBe(message.length);
      }),
      { numRuns: 100 },
    );
  });
});

describe('the attributes that a request should have', () => {
  it('are a SEQUENCE of signature algorithms with SHA-256, by openssl', () => {
    const parsed = openssl(['asn1parse', '-inform', 'DER'], encodeCsrAttributes());
    const lines = parsed.trim().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/cons: SEQUENCE/);
    expect(lines[1]).toMatch(/OBJECT +:ecdsa-with-SHA256$/);
    expect(lines[2]).toMatch(/OBJECT +:sha256WithRSAEncryption$/);
  });
});
