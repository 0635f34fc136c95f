import { execFileSync } from 'node:child_process';
import { createPublicKey, sign } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { CertificationRequest } from 'pkijs';
import { readRequest } from '../../src/pki/certification-request.js';
import {
  encodeBitString,
  encodeDer,
  encodeInteger,
  encodeOid,
  encodeSequence,
} from '../../src/pki/der-writer.js';
import { formatName } from '../../src/pki/names.js';
import { oids } from '../../src/pki/object-identifiers.js';
import {
  makeExtensionRequest,
  makeKey,
  makePssAlgorithm,
  makeRequest,
  makeRequestAttribute,
  type RequestInput,
} from '../support/requests.js';
import { refusalOf } from './refusal.js';
import { millisecondsOf } from './time-it.js';

const rsa = makeKey('rsa-2048');
const ec = makeKey('prime256v1');
const edwards = makeKey('ed25519');

const requestOf = (input: Partial<RequestInput>) => makeRequest({ key: rsa, ...input }).der;

describe('a good request', () => {
  it.each([
    ['HI-K3: P-256', 'prime256v1', 'ec-p256'],
    ['HI-K3: P-384', 'secp384r1', 'ec-p384'],
    ['HI-K3: P-521', 'secp521r1', 'ec-p521'],
    ['HI-K3: Ed25519', 'ed25519', 'ed25519'],
    ['HI-K1: RSA 2048', 'rsa-2048', 'rsa-2048'],
    ['HI-K1: RSA 3072', 'rsa-3072', 'rsa-3072'],
    ['HI-K1: RSA 4096', 'rsa-4096', 'rsa-4096'],
  ] as const)('%s is accepted and read as pkijs reads it', (_id, type, expected) => {
    const { der } = makeRequest({ key: makeKey(type) });
    const request = readRequest(der);
    const oracle = CertificationRequest.fromBER(new Uint8Array(der));
    expect(request.publicKey.type).toBe(expected);
    expect(Buffer.from(oracle.subject.toSchema().toBER())).toEqual(
      Buffer.from(request.subject.der),
    );
    expect(request.publicKey.key.export({ format: 'der', type: 'spki' })).toEqual(
      Buffer.from(request.publicKey.spki),
    );
    expect(formatName(request.subject)).toBe(
      'O=Organization,OU=OrgUnit,L=Waldorf,ST=Waldorf,C=DE,CN=app',
    );
  });

  it('made by openssl is accepted, with its SHA-256', () => {
    const der = execFileSync(
      'openssl',
      [
        'req',
        '-new',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        '/dev/null',
        '-subj',
        '/CN=app',
        '-outform',
        'DER',
      ],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    const digest = execFileSync('openssl', ['dgst', '-sha256', '-r'], { input: der }).toString();
    expect(readRequest(der).sha256).toBe(digest.slice(0, 64));
  });

  it('without its empty attributes is accepted', () => {
    const spki = createPublicKey(ec).export({ format: 'der', type: 'spki' });
    const info = encodeSequence(encodeInteger(0), encodeSequence(), spki);
    const algorithm = encodeSequence(encodeOid(oids.ecdsaWithSHA256));
    const der = encodeSequence(info, algorithm, encodeBitString(sign('sha256', info, ec)));
    expect(refusalOf(der)).toBeUndefined();
  });

  it('HI-X1: HI-X2: names what its attributes ask for, never a value', () => {
    const secret = encodeDer(0x0c, Buffer.from('open sesame'));
    const attributes = Buffer.concat([
      makeExtensionRequest(oids.basicConstraints, oids.subjectAltName, oids.keyUsage, '1.2.3.4'),
      makeRequestAttribute(oids.challengePassword, secret),
      makeRequestAttribute('1.2.3.5', secret),
    ]);
    const request = readRequest(requestOf({ attributes }));
    expect(request.ignored).toEqual([
      'basicConstraints',
      'subjectAltName',
      'keyUsage',
      '1.2.3.4',
      'challengePassword',
      '1.2.3.5',
    ]);
    expect(JSON.stringify(request.ignored)).not.toContain('sesame');
  });

  it('HI-X2: names at most twenty things, of hundreds', () => {
    const types = Array.from({ length: 200 }, (_none, index) => `1.2.3.${index}`);
    expect(
      readRequest(requestOf({ attributes: makeExtensionRequest(...types) })).ignored,
    ).toHaveLength(20);
  });
});

describe('a signature', () => {
  it.each([
    ['HI-S3: SHA-1 with RSA', { digest: 'sha1' }],
    ['SHA-384 with RSA', { digest: 'sha384' }],
    ['SHA-512 with RSA', { digest: 'sha512' }],
    ['SHA-384 with P-256', { key: ec, digest: 'sha384' }],
    ['HI-S4: PSS with SHA-256', { pss: { saltLength: 32 } }],
    ['HI-S4: PSS with SHA-384', { digest: 'sha384', pss: { saltLength: 48 } }],
    ['HI-S4: PSS with SHA-512', { digest: 'sha512', pss: { saltLength: 64 } }],
    [
      'RSA without the NULL',
      { algorithm: encodeSequence(encodeOid(oids.sha256WithRSAEncryption)) },
    ],
  ])('%s is accepted', (_id, input) => {
    expect(refusalOf(requestOf(input))).toBeUndefined();
  });

  it.each([
    ['HI-S1: empty', { signature: new Uint8Array() }],
    [
      'HI-S1: of another key',
      { spki: createPublicKey(makeKey('rsa-2048')).export({ format: 'der', type: 'spki' }) },
    ],
    ['HI-S1: empty under EC', { key: ec, signature: new Uint8Array() }],
    [
      'HI-S1: of zeros under EC',
      { key: ec, signature: encodeSequence(encodeInteger(0), encodeInteger(0)) },
    ],
    ['HI-S1: empty under Ed25519', { key: edwards, signature: new Uint8Array() }],
    ['HI-S2: MD5', { digest: 'md5' }],
    [
      'HI-S2: MD2',
      { algorithm: encodeSequence(encodeOid(oids.md2WithRSAEncryption), encodeDer(0x05)) },
    ],
    ['SHA-224 with RSA', { digest: 'sha224' }],
    ['HI-S3: SHA-1 with ECDSA', { key: ec, digest: 'sha1' }],
    ['HI-S3: SHA-1 with PSS', { digest: 'sha1', pss: { saltLength: 20 } }],
    ['HI-S4: PSS with a longer salt', { pss: { saltLength: 222 } }],
    ['HI-S4: PSS without a salt', { pss: { saltLength: 0 } }],
    [
      'HI-S4: PSS with another digest in MGF1',
      { algorithm: makePssAlgorithm({ digest: 'sha256', maskDigest: 'sha1', saltLength: 32 }) },
    ],
    [
      'HI-S4: PSS with the defaults',
      { algorithm: encodeSequence(encodeOid(oids.rsassaPss), encodeSequence()) },
    ],
    ['HI-S4: PSS without parameters', { algorithm: encodeSequence(encodeOid(oids.rsassaPss)) }],
    [
      'HI-S5: ECDSA over an RSA key',
      { algorithm: encodeSequence(encodeOid(oids.ecdsaWithSHA256)) },
    ],
    [
      'HI-S5: RSA over an EC key',
      {
        key: ec,
        algorithm: encodeSequence(encodeOid(oids.sha256WithRSAEncryption), encodeDer(0x05)),
      },
    ],
    [
      'HI-S5: Ed25519 over an EC key',
      { key: ec, algorithm: encodeSequence(encodeOid(oids.ed25519)) },
    ],
    [
      'HI-S5: PSS over an EC key',
      { key: ec, algorithm: makePssAlgorithm({ digest: 'sha256', saltLength: 32 }) },
    ],
    [
      'ECDSA with parameters',
      { key: ec, algorithm: encodeSequence(encodeOid(oids.ecdsaWithSHA256), encodeDer(0x05)) },
    ],
    [
      'RSA with other parameters',
      { algorithm: encodeSequence(encodeOid(oids.sha256WithRSAEncryption), encodeInteger(1)) },
    ],
    ['an unknown algorithm', { algorithm: encodeSequence(encodeOid('1.2.3')) }],
  ] satisfies [string, Partial<RequestInput>][])('%s is refused', (_id, input) => {
    const failure = refusalOf(requestOf(input));
    expect(failure?.kind).toBe('signature-invalid');
    expect(failure?.message).toMatch(/^CSR signature invalid: ./);
  });
});

describe('the structure', () => {
  const info = (...parts: readonly Uint8Array[]) => encodeSequence(...parts);

  it.each([1, 2, 255, 65_536])('HI-E14: version %d is refused', (version) => {
    expect(refusalOf(requestOf({ version }))?.message).toMatch(
      /^Error while parsing CSR: the version is not 0/,
    );
  });

  it.each([
    ['a certificate', () => requestOf({}).subarray(4)],
    ['an INTEGER', () => encodeInteger(7)],
    ['an empty SEQUENCE', () => encodeSequence()],
    [
      'three empty SEQUENCEs',
      () => encodeSequence(info(), info(), encodeBitString(new Uint8Array())),
    ],
    ['attributes that are none', () => requestOf({ attributes: encodeInteger(1) })],
    [
      'an attribute without values',
      () => requestOf({ attributes: encodeSequence(encodeOid('1.2.3')) }),
    ],
    [
      'requested extensions that are none',
      () =>
        requestOf({ attributes: makeRequestAttribute(oids.extensionRequest, encodeInteger(1)) }),
    ],
    ['a name that is a SET', () => requestOf({ subject: encodeDer(0x31) })],
    ['an empty relative name', () => requestOf({ subject: encodeSequence(encodeDer(0x31)) })],
    [
      'an attribute of the name without value',
      () =>
        requestOf({
          subject: encodeSequence(encodeDer(0x31, encodeSequence(encodeOid('2.5.4.3')))),
        }),
    ],
    [
      'an attribute of the name with two values',
      () =>
        requestOf({
          subject: encodeSequence(
            encodeDer(
              0x31,
              encodeSequence(encodeOid('2.5.4.3'), encodeInteger(1), encodeInteger(2)),
            ),
          ),
        }),
    ],
  ])('%s is refused as malformed', (_what, make) => {
    expect(refusalOf(make())?.kind).toBe('request-malformed');
  });
});

describe('the time that hostile input takes', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_none, index) => ['CN', String(index)] as const);

  it.each([
    ['200 relative names', () => requestOf({ subject: many(200) })],
    ['one relative name of 200 attributes', () => requestOf({ subject: [many(200)] })],
    [
      'a huge challengePassword',
      () =>
        requestOf({
          attributes: makeRequestAttribute(
            oids.challengePassword,
            encodeDer(0x0c, Buffer.alloc(15_000, 65)),
          ),
        }),
    ],
    ['RSA 4096', () => makeRequest({ key: makeKey('rsa-4096') }).der],
    ['P-521', () => makeRequest({ key: makeKey('secp521r1') }).der],
    [
      'a modulus of 15,000 bytes',
      () => requestOf({ spki: rsaSpki(Buffer.alloc(15_000, 0x7f), 65537) }),
    ],
  ] as [string, () => Uint8Array][])('stays under 50 ms for %s', (_what, make) => {
    const der = make();
    expect(millisecondsOf(() => refusalOf(der))).toBeLessThan(50);
  });
});

function rsaSpki(modulus: Uint8Array, exponent: number): Uint8Array {
  const key = encodeSequence(encodeDer(0x02, modulus), encodeInteger(exponent));
  return encodeSequence(
    encodeSequence(encodeOid(oids.rsaEncryption), encodeDer(0x05)),
    encodeBitString(key),
  );
}
