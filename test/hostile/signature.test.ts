import { describe, expect, it } from '@jest/globals';
import { createPublicKey } from 'node:crypto';
import { encodeDer, encodeInteger, encodeOid, encodeSequence } from '../../src/pki/der-writer.js';
import { oids } from '../../src/pki/object-identifiers.js';
import { encodePem } from '../../src/pki/pem.js';
import { makeKey, makePssAlgorithm, makeRequest } from '../support/requests.js';
import type { RequestInput } from '../support/requests.js';
import { outputOf } from '../support/run.js';
import { bodyOf, expectRefusal, expectRenewal, openFrontDoor } from './front-door.js';

const rsa = makeKey('rsa-2048');
const ec = makeKey('prime256v1');
const edwards = makeKey('ed25519');

const spkiOf = (key: typeof rsa) => createPublicKey(key).export({ format: 'der', type: 'spki' });
const invalid = { reason: 'signature-invalid', error: /^CSR signature invalid: \w.*\.$/ } as const;
const mismatch = {
  reason: 'signature-invalid',
  error:
    'CSR signature invalid: it does not match, sign the request with the private key of its public key.',
} as const;

const algorithm = (oid: string, ...parameters: readonly Uint8Array[]) =>
  encodeSequence(encodeOid(oid), ...parameters);
const nothing = encodeDer(0x05);

describe('the signature of a certification request', () => {
  it.each([
    ['RSA', rsa],
    ['EC', ec],
    ['Ed25519', edwards],
  ])('HI-S1: one bit flipped in it or in what it signs is refused: %s', async (_type, key) => {
    const door = await openFrontDoor();
    const { der } = makeRequest({ key });
    const flipped = (at: number, bit: number) => {
      const changed = Buffer.from(der);
      changed[at] = (changed[at] ?? 0) ^ bit;
      return bodyOf(encodePem('CERTIFICATE REQUEST', changed));
    };
    const inName = Buffer.from(der).indexOf('OrgUnit');
    await expectRefusal(door, flipped(inName, 0x01), mismatch);
    await expectRefusal(door, flipped(der.length - 1, 0x01), mismatch);
    await expectRefusal(door, flipped(der.length - 20, 0x80), mismatch);
    await expectRenewal(door, bodyOf(encodePem('CERTIFICATE REQUEST', der)));
  });

  it.each([
    ['empty, RSA', { key: rsa, signature: new Uint8Array() }],
    ['empty, EC', { key: ec, signature: new Uint8Array() }],
    ['empty, Ed25519', { key: edwards, signature: new Uint8Array() }],
    ['of zeros, RSA', { key: rsa, signature: new Uint8Array(256) }],
    ['of zeros, Ed25519', { key: edwards, signature: new Uint8Array(64) }],
    [
      'of r = 0 and s = 0, EC',
      { key: ec, signature: encodeSequence(encodeInteger(0), encodeInteger(0)) },
    ],
    ['by another key, RSA', { key: rsa, spki: spkiOf(makeKey('rsa-2048')) }],
    ['by another key, EC', { key: ec, spki: spkiOf(makeKey('prime256v1')) }],
    ['by another key, Ed25519', { key: edwards, spki: spkiOf(makeKey('ed25519')) }],
    ['too long, RSA', { key: rsa, signature: new Uint8Array(257) }],
    ['of 12 KB, EC', { key: ec, signature: new Uint8Array(11_000) }],
  ] satisfies [string, RequestInput][])('HI-S1: %s is refused', async (_what, input) => {
    await expectRefusal(await openFrontDoor(), bodyOf(makeRequest(input).pem), mismatch);
  });

  it.each([
    ['HI-S2: MD5', { key: rsa, digest: 'md5' }],
    ['HI-S2: MD2', { key: rsa, algorithm: algorithm(oids.md2WithRSAEncryption, nothing) }],
    ['HI-S3: SHA-1 with ECDSA', { key: ec, digest: 'sha1' }],
    ['HI-S3: SHA-1 with PSS', { key: rsa, digest: 'sha1', pss: { saltLength: 20 } }],
    ['HI-S4: PSS with a longer salt', { key: rsa, pss: { saltLength: 64 } }],
    ['HI-S4: PSS without a salt', { key: rsa, pss: { saltLength: 0 } }],
    [
      'HI-S4: PSS with another digest in MGF1',
      {
        key: rsa,
        algorithm: makePssAlgorithm({ digest: 'sha256', maskDigest: 'sha512', saltLength: 32 }),
      },
    ],
    [
      'HI-S4: PSS with SHA-1 by default',
      { key: rsa, algorithm: algorithm(oids.rsassaPss, encodeSequence()) },
    ],
    ['HI-S4: PSS without parameters', { key: rsa, algorithm: algorithm(oids.rsassaPss) }],
    ['HI-S5: ECDSA over an RSA key', { key: rsa, algorithm: algorithm(oids.ecdsaWithSHA256) }],
    ['HI-S5: Ed25519 over an RSA key', { key: rsa, algorithm: algorithm(oids.ed25519) }],
    [
      'HI-S5: RSA over an EC key',
      { key: ec, algorithm: algorithm(oids.sha256WithRSAEncryption, nothing) },
    ],
    [
      'HI-S5: PSS over an EC key',
      { key: ec, algorithm: makePssAlgorithm({ digest: 'sha256', saltLength: 32 }) },
    ],
    ['HI-S5: Ed25519 over an EC key', { key: ec, algorithm: algorithm(oids.ed25519) }],
    [
      'HI-S5: ECDSA over an Ed25519 key',
      { key: edwards, algorithm: algorithm(oids.ecdsaWithSHA256) },
    ],
    ['an algorithm that nobody knows', { key: ec, algorithm: algorithm('1.2.3') }],
    [
      'parameters where none belong',
      { key: ec, algorithm: algorithm(oids.ecdsaWithSHA256, nothing) },
    ],
  ] satisfies [string, RequestInput][])('%s is refused', async (_id, input) => {
    await expectRefusal(await openFrontDoor(), bodyOf(makeRequest(input).pem), invalid);
  });

  it.each([
    ['HI-S3: SHA-1 with RSA', { key: rsa, digest: 'sha1' }],
    ['SHA-384 with RSA', { key: rsa, digest: 'sha384' }],
    ['SHA-512 with ECDSA', { key: ec, digest: 'sha512' }],
    ['HI-S4: PSS with SHA-256', { key: rsa, pss: { saltLength: 32 } }],
    ['HI-S4: PSS with SHA-384', { key: rsa, digest: 'sha384', pss: { saltLength: 48 } }],
    ['HI-S4: PSS with SHA-512', { key: rsa, digest: 'sha512', pss: { saltLength: 64 } }],
  ] satisfies [string, RequestInput][])(
    '%s is accepted, and the certificate signed by the authority with SHA-256',
    async (_id, input) => {
      const door = await openFrontDoor();
      const certificate = await expectRenewal(door, bodyOf(makeRequest(input).pem));
      const text = await outputOf(['openssl', 'x509', '-noout', '-text'], { input: certificate });
      expect(text.match(/Signature Algorithm: \S+/g)).toEqual([
        'Signature Algorithm: ecdsa-with-SHA256',
        'Signature Algorithm: ecdsa-with-SHA256',
      ]);
    },
  );
});
