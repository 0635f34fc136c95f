import { sign } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { contentOf, derOf, readDer } from '../../src/pki/der-reader.js';
import { encodeBitString, encodeDer, encodeSequence } from '../../src/pki/der-writer.js';
import { oids } from '../../src/pki/object-identifiers.js';
import { makeExtensionRequest, makeKey, makeRequest } from '../support/requests.js';
import { opensslAccepts } from './openssl-request.js';
import { refusalOf } from './refusal.js';

const attributes = makeExtensionRequest(oids.subjectAltName, oids.basicConstraints);
const rsa = makeKey('rsa-2048');
const ec = makeKey('prime256v1');
const edwards = makeKey('ed25519');

const requests = [
  ['RSA', makeRequest({ key: rsa, attributes }).der],
  ['RSA with SHA-1', makeRequest({ key: rsa, digest: 'sha1' }).der],
  ['PSS', makeRequest({ key: rsa, pss: { saltLength: 32 } }).der],
  ['EC', makeRequest({ key: ec, attributes }).der],
  ['Ed25519', makeRequest({ key: edwards, attributes }).der],
] as const;

/** What was accepted here and is refused by openssl; any other error than a Failure flies. */
function wronglyAccepted(candidates: Iterable<Uint8Array>): string[] {
  const found: string[] = [];
  for (const candidate of candidates) {
    if (refusalOf(candidate) === undefined && !opensslAccepts(candidate)) {
      found.push(Buffer.from(candidate).toString('hex'));
    }
  }
  return found;
}

function* cuts(der: Uint8Array): Generator<Uint8Array> {
  for (let length = 0; length < der.length; length++) yield der.subarray(0, length);
}

function* flips(der: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < der.length; at++) {
    for (const change of [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xff]) {
      const changed = Buffer.from(der);
      changed[at] = (changed[at] ?? 0) ^ change;
      yield changed;
    }
  }
}

function* removals(der: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < der.length; at++) {
    yield Buffer.concat([der.subarray(0, at), der.subarray(at + 1)]);
    yield Buffer.concat([der.subarray(0, at), Buffer.from([0]), der.subarray(at)]);
  }
}

describe.each(requests)('HI-E12: a request with %s', (_what, der) => {
  it('is accepted here and by openssl', () => {
    expect(refusalOf(der)).toBeUndefined();
    expect(opensslAccepts(der)).toBe(true);
  });

  it('is refused when cut at any byte', () => {
    for (const cut of cuts(der)) expect(refusalOf(cut)).toBeDefined();
  });

  it('is refused when extended', () => {
    for (const more of [[0], [0, 0], [0x30, 0], [...der]]) {
      expect(refusalOf(Buffer.concat([der, Buffer.from(more)]))?.kind).toBe('request-malformed');
    }
  });

  it('is not accepted against openssl with any byte flipped', () => {
    expect(wronglyAccepted(flips(der))).toEqual([]);
  });

  it('is not accepted against openssl with any byte removed or doubled', () => {
    expect(wronglyAccepted(removals(der))).toEqual([]);
  });

  it('is not accepted against openssl after random changes', () => {
    const place = fc.nat({ max: der.length });
    fc.assert(
      fc.property(place, fc.nat({ max: 8 }), fc.uint8Array({ maxLength: 8 }), (at, gone, put) => {
        const changed = Buffer.concat([der.subarray(0, at), put, der.subarray(at + gone)]);
        expect(wronglyAccepted([changed])).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('HI-E12: a request that is signed after it was changed', () => {
  const signers = [
    ['RSA', rsa, 'sha256'],
    ['EC', ec, 'sha256'],
    ['Ed25519', edwards, null],
  ] as const;

  it.each(signers)('is not accepted against openssl: %s', (_what, key, digest) => {
    const [infoValue, algorithmValue] = readDer(makeRequest({ key, attributes }).der).children;
    if (infoValue === undefined || algorithmValue === undefined) throw new Error('no request');
    const info = contentOf(infoValue);
    const resign = (content: Uint8Array) => {
      const changed = encodeDer(0x30, content);
      const signature = encodeBitString(sign(digest, changed, key));
      return encodeSequence(changed, derOf(algorithmValue), signature);
    };
    let judged = 0;
    fc.assert(
      fc.property(
        fc.nat({ max: info.length - 1 }),
        fc.nat({ max: 3 }),
        fc.uint8Array({ maxLength: 3 }),
        (at, gone, put) => {
          const changed = Buffer.concat([info.subarray(0, at), put, info.subarray(at + gone)]);
          const candidate = resign(changed);
          // openssl is slow to start: a sample of what is accepted is enough.
          if (refusalOf(candidate) !== undefined || judged++ > 100) return;
          expect(opensslAccepts(candidate)).toBe(true);
        },
      ),
      { numRuns: 1500 },
    );
    expect(judged).toBeGreaterThan(0);
  });
});
