import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MalformedDer } from '../../src/pki/der-reader.js';
import { readOcspRequest } from '../../src/pki/ocsp-request.js';
import type { OcspRequest } from '../../src/pki/ocsp-request.js';
import { encodePem } from '../../src/pki/pem.js';
import { makeExtension, makeOcspRequest } from '../support/ocsp.js';
import { makeIssuer, withFiles } from './issuing.js';

const issuerPem = encodePem('CERTIFICATE', (await makeIssuer()).certificate.der);
const question = { issuerPem, serial: '4711' };
const requests = [
  ['one question', makeOcspRequest({ questions: [question] })],
  [
    'everything',
    makeOcspRequest({
      questions: [
        question,
        { ...question, digest: 'sha256', extensions: [makeExtension('1.2.3', Buffer.of(5, 0))] },
      ],
      nonce: Buffer.alloc(32, 0x5a),
      extensions: [makeExtension('1.3.6.1.5.5.7.48.1.4', Buffer.of(0x30, 0))],
    }),
  ],
] as const;

/** What was read; undefined for a refusal. Any other error than MalformedDer flies. */
function tryRead(der: Uint8Array): OcspRequest | undefined {
  try {
    return readOcspRequest(der);
  } catch (error) {
    if (error instanceof MalformedDer) return undefined;
    throw error;
  }
}

/** The serial numbers that openssl reads; undefined where it refuses the request. */
function serialsByOpenssl(der: Uint8Array): bigint[] | undefined {
  return withFiles({}, (path) => {
    writeFileSync(path('request'), der);
    const args = ['ocsp', '-reqin', path('request'), '-req_text', '-noverify'];
    const { stdout, status } = spawnSync('openssl', args);
    if (status !== 0) return undefined;
    const found = [...stdout.toString().matchAll(/Serial Number: (-?)([0-9A-F]+)/g)];
    return found.map(([, sign, hex = '']) => BigInt(`0x${hex}`) * (sign === '-' ? -1n : 1n));
  });
}

function* changes(der: Uint8Array): Generator<Buffer> {
  for (let at = 0; at < der.length; at++) {
    for (const change of [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xff]) {
      const changed = Buffer.from(der);
      changed[at] = (changed[at] ?? 0) ^ change;
      yield changed;
    }
    yield Buffer.concat([der.subarray(0, at), der.subarray(at + 1)]);
    yield Buffer.concat([der.subarray(0, at), Buffer.of(0), der.subarray(at)]);
  }
}

describe.each(requests)('an OCSP request with %s', (_what, der) => {
  it('is refused when cut at any byte, or extended', () => {
    expect(tryRead(der)).toBeDefined();
    for (let length = 0; length < der.length; length++) {
      expect(tryRead(der.subarray(0, length))).toBeUndefined();
    }
    for (const more of [[0], [0x30, 0], [...der]]) {
      expect(tryRead(Buffer.concat([der, Buffer.from(more)]))).toBeUndefined();
    }
  });

  it('is read after a change only where openssl reads the same serial numbers', () => {
    const accepted = [...changes(der)].filter((changed) => tryRead(changed) !== undefined);
    expect(accepted.length).toBeGreaterThan(100);
    // openssl is slow to start: every so many is enough.
    for (const changed of accepted.filter((_one, turn) => turn % 11 === 0)) {
      const read = tryRead(changed)?.certificates.map(({ serial }) => asNumber(serial));
      expect(serialsByOpenssl(changed)).toEqual(read);
    }
  });

  it('is read or refused, never more, after random changes', () => {
    const place = fc.nat({ max: der.length });
    fc.assert(
      fc.property(place, fc.nat({ max: 8 }), fc.uint8Array({ maxLength: 8 }), (at, gone, put) => {
        tryRead(Buffer.concat([der.subarray(0, at), put, der.subarray(at + gone)]));
      }),
      { numRuns: 5000 },
    );
  });
});

it('bytes that are no request at all are refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(tryRead(bytes)).toBeUndefined();
    }),
    { numRuns: 5000 },
  );
});

/** INTEGER content in hex, as a number. */
function asNumber(serial: string): bigint {
  return BigInt.asIntN(serial.length * 4, BigInt(`0x${serial}`));
}
