import { describe, expect, it } from '@jest/globals';
import { sign } from 'node:crypto';
import { contentOf, derOf, readDer } from '../../src/pki/der-reader.js';
import { encodeBitString, encodeDer, encodeOid, encodeSequence } from '../../src/pki/der-writer.js';
import { oids } from '../../src/pki/object-identifiers.js';
import { encodePem } from '../../src/pki/pem.js';
import { makeKey, makeName, makeRequest, makeRequestAttribute } from '../support/requests.js';
import {
  bodyOf,
  expectRefusal,
  expectRenewal,
  lastingRecordOf,
  openFrontDoor,
} from './front-door.js';

const key = makeKey('prime256v1');
const good = makeRequest({ key }).der;
const malformed = { reason: 'request-malformed', error: /^Error while parsing CSR: ./ } as const;

const bodyOfDer = (der: Uint8Array) => bodyOf(encodePem('CERTIFICATE REQUEST', der));
const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');

const [info, algorithm, signature] = readDer(good).children.map(derOf);
const [version, subject, spki, attributes] = readDer(info ?? good).children.map(derOf);
const whole = [info, algorithm, signature].flatMap((part) => part ?? []);

/** A good signature over whatever stands in place of the request info. */
function signed(changed: Uint8Array): Uint8Array {
  const algorithmOfKey = encodeSequence(encodeOid(oids.ecdsaWithSHA256));
  return encodeSequence(changed, algorithmOfKey, encodeBitString(sign('sha256', changed, key)));
}

/** The same with some of the parts of the request info replaced. */
function withParts(parts: Record<string, Uint8Array>, ...more: readonly Uint8Array[]): Uint8Array {
  const all = { version, subject, spki, attributes, ...parts };
  return signed(encodeSequence(...Object.values(all).flatMap((part) => part ?? []), ...more));
}

/** A SEQUENCE whose length is written as no DER may write it. */
const indefinite = (...parts: readonly Uint8Array[]) =>
  Buffer.concat([bytes('3080'), ...parts, bytes('0000')]);
const longLength = (content: Uint8Array) =>
  Buffer.concat([bytes('3083'), bytes(content.length.toString(16).padStart(6, '0')), content]);

/** An extension request whose one extension has this for `critical`. */
function withCritical(critical: Uint8Array): Uint8Array {
  const extension = encodeSequence(encodeOid(oids.keyUsage), critical, encodeDer(0x04));
  const wanted = makeRequestAttribute(oids.extensionRequest, encodeSequence(extension));
  return withParts({ attributes: encodeDer(0xa0, wanted) });
}

function nested(depth: number): Uint8Array {
  let value: Uint8Array = encodeDer(0x05);
  for (let level = 0; level < depth; level++) value = encodeSequence(value);
  return withParts({ attributes: encodeDer(0xa0, makeRequestAttribute('1.2.3', value)) });
}

function manySiblings(count: number): Uint8Array {
  const values = Array.from({ length: count }, () => encodeDer(0x05));
  return withParts({ attributes: encodeDer(0xa0, makeRequestAttribute('1.2.3', ...values)) });
}

describe('the structure of a certification request', () => {
  it('is accepted as it is made here, put together again', async () => {
    const door = await openFrontDoor();
    await expectRenewal(door, bodyOfDer(withParts({})));
    await expectRenewal(door, bodyOfDer(withCritical(bytes('0101ff'))));
    await expectRenewal(door, bodyOfDer(nested(20)));
    await expectRenewal(door, bodyOfDer(manySiblings(500)));
  });

  it.each([
    ['a byte after it', Buffer.concat([good, bytes('00')])],
    ['two zero bytes after it', Buffer.concat([good, bytes('0000')])],
    ['another request after it', Buffer.concat([good, good])],
    ['an element too many', encodeSequence(...whole, encodeDer(0x05))],
    ['an element too many in what is signed', withParts({}, encodeDer(0x05))],
    ['an indefinite length', indefinite(...whole)],
    [
      'an indefinite length in what is signed',
      signed(indefinite(contentOf(readDer(info ?? good)))),
    ],
    ['a length that is not minimal', longLength(Buffer.concat(whole))],
    ['a length that is not minimal in what is signed', withParts({ version: bytes('02810100') })],
    ['a length of five bytes', Buffer.concat([bytes('308500'), good])],
    ['a length of four gigabytes', bytes('3084ffffffff')],
    ['an INTEGER that is not minimal', withParts({ version: bytes('02020000') })],
    ['an INTEGER without content', withParts({ version: bytes('0200') })],
    ['a BOOLEAN that is neither 00 nor ff', withCritical(bytes('010101'))],
    ['a BOOLEAN of two bytes', withCritical(bytes('0102ffff'))],
    ['a string in parts', withParts({ subject: makeName([['CN', bytes('0c03617070'), 0x2c]]) })],
    ['a tag of two bytes', withCritical(bytes('1f8101 00'))],
    ['a tag that nobody knows', withCritical(bytes('0f00'))],
    ['an identifier that is not minimal', withCritical(bytes('0603 2a8001'))],
    ['a signature with unused bits', encodeSequence(...whole.slice(0, 2), bytes('0303010204'))],
    ['no signature', encodeSequence(...whole.slice(0, 2))],
    ['a certificate inside', encodeSequence(encodeSequence(), ...whole.slice(1))],
  ])('HI-E9: with %s is refused', async (_what, der) => {
    await expectRefusal(await openFrontDoor(), bodyOfDer(der), malformed);
  });

  it.each([
    ['nested 101 deep', nested(101)],
    ['nested as deep as fits', nested(2800)],
    ['nested as deep as fits without lengths', bytes('3080'.repeat(6000))],
    ['of as many siblings as fit', manySiblings(5500)],
  ])('HI-E10: %s is refused', async (_what, der) => {
    await expectRefusal(await openFrontDoor(), bodyOfDer(der), malformed);
  });

  it('HI-E10, HI-E11: nested 12,000 deep or of 20,000 siblings is refused for its size already', async () => {
    const door = await openFrontDoor();
    await expectRefusal(door, bodyOfDer(bytes('3080'.repeat(12_000))), {
      status: 413,
      reason: 'request-too-large',
      error: 'The certification request is larger than 16 KiB.',
    });
    await expectRefusal(door, bodyOfDer(manySiblings(20_000)), {
      status: 413,
      reason: 'body-too-large',
      error: 'The request body is larger than 64 KiB.',
    });
  });

  it.each([1, 2, 127, 128, 256, 65_536])('HI-E14: version %d is refused', async (number) => {
    const der = makeRequest({ key, version: number }).der;
    await expectRefusal(await openFrontDoor(), bodyOfDer(der), {
      reason: 'request-malformed',
      error: 'Error while parsing CSR: the version is not 0.',
    });
  });
});

describe('HI-E12: a certification request that was damaged on its way', () => {
  it('is refused when it is cut at any byte', async () => {
    const door = await openFrontDoor();
    const before = await lastingRecordOf(door.gateway);
    for (let length = 0; length < good.length; length++) {
      const { status } = await door.renew(bodyOfDer(good.subarray(0, length)));
      expect([length, status]).toEqual([length, 400]);
    }
    expect(await lastingRecordOf(door.gateway)).toEqual(before);
  });

  it.each([0x01, 0x80, 0xff])('is refused when any byte is flipped by %d', async (change) => {
    const door = await openFrontDoor();
    const before = await lastingRecordOf(door.gateway);
    for (let at = 0; at < good.length; at++) {
      const changed = Buffer.from(good);
      changed[at] = (changed[at] ?? 0) ^ change;
      const { status } = await door.renew(bodyOfDer(changed));
      expect([at, status]).toEqual([at, 400]);
    }
    expect(await lastingRecordOf(door.gateway)).toEqual(before);
  });

  it('is refused when the body that holds it is cut at any byte', async () => {
    const door = await openFrontDoor();
    const before = await lastingRecordOf(door.gateway);
    const body = bodyOfDer(good);
    for (let length = 0; length < body.length; length++) {
      const { status } = await door.renew(body.slice(0, length));
      expect([length, status]).toEqual([length, 400]);
    }
    expect(await lastingRecordOf(door.gateway)).toEqual(before);
  });
});
