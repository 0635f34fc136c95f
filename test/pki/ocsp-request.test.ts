import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { encodeDer, encodeOid, encodeSequence } from '../../src/pki/der-writer.js';
import type { Der } from '../../src/pki/der.js';
import { oids } from '../../src/pki/object-identifiers.js';
import { namesIssuer, readOcspRequest } from '../../src/pki/ocsp-request.js';
import { encodePem } from '../../src/pki/pem.js';
import { makeExtension, makeOcspRequest } from '../support/ocsp.js';
import { issue, makeIssuer, openssl, withFiles } from './issuing.js';

const issuer = await makeIssuer();
const issuerPem = encodePem('CERTIFICATE', issuer.certificate.der);
const question = { issuerPem, serial: '40ff' };
const many = Array.from({ length: 21 }, () => question);
const acceptableResponses = '1.3.6.1.5.5.7.48.1.4';
const anything = encodeSequence(encodeOid(oids.ocspBasic));

describe('an OCSP request of openssl', () => {
  it.each([
    ['-sha1', 'sha1'],
    ['-sha256', 'sha256'],
    ['-sha384', undefined],
  ] as const)('is read: %s', async (option, digest) => {
    const leaf = await issue({ issuer });
    const der = withFiles({ ca: issuerPem, leaf: encodePem('CERTIFICATE', leaf.der) }, (path) => {
      const asked = ['-issuer', path('ca'), option, '-cert', path('leaf')];
      openssl(['ocsp', ...asked, '-reqout', path('request')]);
      return readFileSync(path('request'));
    });
    const { certificates, nonce } = readOcspRequest(der);
    expect(certificates).toHaveLength(1);
    expect(certificates[0]).toMatchObject({ digest, serial: leaf.serial });
    expect(nonce?.length).toBeGreaterThanOrEqual(16);
    const [id] = certificates;
    expect(id && namesIssuer(id, issuer.certificate)).toBe(digest !== undefined);
    expect(id && namesIssuer(id, leaf)).toBe(false);
  });
});

describe('an OCSP request is accepted', () => {
  const requestorName = encodeDer(0xa1, encodeDer(0xa4, anything));
  const signature = encodeDer(0xa0, encodeSequence(anything, encodeDer(0x03, Buffer.of(0, 1))));
  const plain = makeOcspRequest({ questions: [question] });
  const cases: readonly (readonly [string, Uint8Array])[] = [
    ['with 20 questions', makeOcspRequest({ questions: many.slice(1) })],
    ['with a nonce of one byte', makeOcspRequest({ questions: [question], nonce: Buffer.of(1) })],
    [
      'with a nonce of 128 bytes',
      makeOcspRequest({ questions: [question], nonce: Buffer.alloc(128) }),
    ],
    ['with a requestor name', makeOcspRequest({ questions: [question], before: [requestorName] })],
    ['with a signature', encodeSequence(plain.subarray(2), signature)],
    [
      'without parameters of the hash',
      makeOcspRequest({ questions: [{ ...question, parameters: [] }] }),
    ],
    [
      'with an unknown extension that is not critical',
      makeOcspRequest({
        questions: [{ ...question, extensions: [makeExtension('1.2.3', anything)] }],
        extensions: [makeExtension(acceptableResponses, anything)],
      }),
    ],
  ];
  it.each(cases)('%s', (_what, der) => {
    const [id] = readOcspRequest(der).certificates;
    expect(id).toMatchObject({ serial: '40ff', digest: 'sha1' });
    expect(id && namesIssuer(id, issuer.certificate)).toBe(true);
  });

  it('with its nonce and the bytes of each identifier as they came', () => {
    const nonce = Buffer.from('0011223344556677', 'hex');
    const der = makeOcspRequest({ questions: [question, { ...question, serial: '41' }], nonce });
    const request = readOcspRequest(der);
    expect(Buffer.from(request.nonce ?? [])).toEqual(nonce);
    expect(request.certificates.map(({ serial }) => serial)).toEqual(['40ff', '41']);
    const hex = Buffer.from(der).toString('hex');
    for (const id of request.certificates) {
      expect(hex).toContain(Buffer.from(id.der).toString('hex'));
    }
    expect(readOcspRequest(makeOcspRequest({ questions: [question] })).nonce).toBeUndefined();
  });
});

describe('an OCSP request is malformed', () => {
  const plain = makeOcspRequest({ questions: [question] });
  const withExtensions = (...extensions: readonly Der[]): Uint8Array =>
    makeOcspRequest({ questions: [question], extensions });
  const nonce = (value: Uint8Array): Der => makeExtension(oids.ocspNonce, value);
  const good = nonce(encodeDer(0x04, Buffer.alloc(16)));
  const cases: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ['without questions', makeOcspRequest({ questions: [] }), /asks for nothing/],
    ['with 21', makeOcspRequest({ questions: many }), /more than 20/],
    ['with trailing bytes', Buffer.concat([plain, Buffer.of(0)]), /1 trailing bytes/],
    [
      'with a version',
      makeOcspRequest({
        questions: [question],
        before: [encodeDer(0xa0, encodeDer(2, Buffer.of(0)))],
      }),
      /writes a version/,
    ],
    [
      'with an empty requestor name',
      makeOcspRequest({ questions: [question], before: [encodeDer(0xa1)] }),
      /name of the requestor is missing/,
    ],
    [
      'with a third element',
      encodeSequence(plain.subarray(2), encodeDer(0xa0, anything), anything),
      /superfluous/,
    ],
    ['with an empty nonce', withExtensions(nonce(encodeDer(0x04))), /1 to 128/],
    ['with a nonce of 129', withExtensions(nonce(encodeDer(0x04, Buffer.alloc(129)))), /1 to 128/],
    [
      'with a bare nonce',
      withExtensions(nonce(Buffer.alloc(16, 1))),
      /BOOLEAN that is not canonical/,
    ],
    ['with two nonces', withExtensions(good, good), /occurs twice/],
    [
      'with an unknown critical extension',
      withExtensions(makeExtension(acceptableResponses, anything, { critical: true })),
      /critical and not understood/,
    ],
    [
      'with a critical extension of a question',
      makeOcspRequest({
        questions: [
          { ...question, extensions: [makeExtension('1.2.3', anything, { critical: true })] },
        ],
      }),
      /critical and not understood/,
    ],
    [
      'with parameters of the hash',
      makeOcspRequest({ questions: [{ ...question, parameters: [encodeDer(0x04)] }] }),
      /tag 0x4/,
    ],
  ];
  it.each(cases)('%s', (_what, der, words) => {
    expect(() => readOcspRequest(der)).toThrow(words);
    expect(() => readOcspRequest(der)).toThrow(expect.objectContaining({ name: 'MalformedDer' }));
  });

  it('above 16 KiB it is not even read', () => {
    const tooLarge = expect.objectContaining({ kind: 'request-too-large' });
    expect(() => readOcspRequest(Buffer.alloc(16_385))).toThrow(tooLarge);
    expect(() => readOcspRequest(Buffer.alloc(16_384))).toThrow(
      expect.objectContaining({ name: 'MalformedDer' }),
    );
  });
});
