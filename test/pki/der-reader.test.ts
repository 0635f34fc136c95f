import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MalformedDer, readDer } from '../../src/pki/der-reader.js';
import {
  encodeDer,
  encodeInteger,
  encodeOid,
  encodeSequence,
  formatOid,
} from '../../src/pki/der-writer.js';
import { refusalOf } from './refusal.js';
import { makeKey, makeRequest } from '../support/requests.js';
import { millisecondsOf } from './time-it.js';

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const nested = (depth: number) => {
  let value: Uint8Array = encodeDer(0x05);
  for (let level = 1; level < depth; level++) value = encodeSequence(value);
  return value;
};

describe('the strict DER reader', () => {
  it.each([
    ['an empty SEQUENCE', '3000'],
    ['TRUE and FALSE', '3006 0101ff 010100'],
    ['small, negative and padded INTEGERs where padding is needed', '300a 020100 0201ff 02020080'],
    ['a BIT STRING with unused zero bits', '03020780'],
    ['an empty BIT STRING', '030100'],
    ['an OBJECT IDENTIFIER with a long arc', '06062a864886f70d'],
    ['a length of 128 in two bytes', `308180${'0500'.repeat(64)}`],
    ['a context-specific value', 'a0020500'],
  ])('reads %s', (_what, hex) => {
    expect(readDer(bytes(hex)).end).toBe(bytes(hex).length);
  });

  it.each([
    ['HI-E9: trailing bytes', '050000'],
    ['HI-E9: an indefinite length', '30800500 0000'],
    ['HI-E9: a length with a superfluous byte', '30810205 00'],
    ['HI-E9: a length of two bytes below 256', '3082000205 00'],
    ['HI-E9: a reserved length', '30ff'],
    ['HI-E9: an INTEGER with a leading zero', '02020001'],
    ['HI-E9: an INTEGER with a leading ff', '0202ffff'],
    ['HI-E9: an INTEGER without content', '0200'],
    ['HI-E9: a BOOLEAN of 1', '010101'],
    ['HI-E9: a BOOLEAN of two bytes', '0102ffff'],
    ['a BIT STRING without content', '0300'],
    ['a BIT STRING with 8 unused bits', '03020800'],
    ['a BIT STRING with unused bits that are set', '03020101'],
    ['a BIT STRING with unused bits and no content', '030101'],
    ['a constructed BIT STRING', '2303030100'],
    ['a constructed OCTET STRING', '24020400'],
    ['a constructed UTF8String', '2c020c00'],
    ['a primitive SEQUENCE', '1000'],
    ['a primitive SET', '1100'],
    ['NULL with content', '050100'],
    ['an OBJECT IDENTIFIER without content', '0600'],
    ['an OBJECT IDENTIFIER with a padded arc', '06032a8001'],
    ['an OBJECT IDENTIFIER that is cut off', '06022a86'],
    ['a multi-byte tag', '1f8100'],
    ['a tag that is not used', '0900'],
    ['end-of-contents', '0000'],
    ['a child longer than its parent', '30030403 00'],
    ['nothing', ''],
    ['one byte', '30'],
    ['a length that is cut off', '3082'],
  ])('refuses %s', (_what, hex) => {
    expect(() => readDer(bytes(hex))).toThrow(MalformedDer);
  });

  it('HI-E10: reads 32 levels, refuses 33, 101 and 12,000', () => {
    expect(readDer(nested(32)).tag).toBe(0x30);
    for (const depth of [33, 101, 4000])
      expect(() => readDer(nested(depth))).toThrow(/nested deeper/);
    expect(() => readDer(bytes('3080'.repeat(12_000)))).toThrow(MalformedDer);
  });

  it('HI-E10: refuses 20,000 siblings and an OBJECT IDENTIFIER of 64 KB, at once', () => {
    const siblings = encodeSequence(Buffer.from('0500'.repeat(20_000), 'hex'));
    const longOid = encodeDer(0x06, Buffer.alloc(65_000, 0x81), Uint8Array.of(1));
    for (const hostile of [siblings, longOid]) {
      expect(() => readDer(hostile)).toThrow(MalformedDer);
      expect(millisecondsOf(() => expect(() => readDer(hostile)).toThrow())).toBeLessThan(50);
    }
  });

  it('throws nothing but MalformedDer, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (some) => {
        try {
          expect(readDer(some).end).toBe(some.length);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedDer);
        }
      }),
      { numRuns: 5000 },
    );
  });
});

describe('the DER writer', () => {
  it('writes lengths that the reader accepts', () => {
    for (const length of [0, 1, 127, 128, 255, 256, 65_535, 65_536, 70_000]) {
      const value = readDer(encodeDer(0x04, new Uint8Array(length)));
      expect(value.end - value.contentStart).toBe(length);
    }
  });

  it('writes minimal INTEGERs and refuses what is none', () => {
    for (const value of [0, 1, 127, 128, 255, 256, 32_768, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
      expect(readDer(encodeInteger(value)).tag).toBe(0x02);
    }
    for (const value of [-1, 1.5, Number.NaN, 2 ** 60])
      expect(() => encodeInteger(value)).toThrow(RangeError);
  });

  it.each([
    '1.2.840.113549.1.1.1',
    '2.5.4.3',
    '0.9.2342.19200300.100.1.1',
    '2.999.1',
    '1.39.0',
    '2.25.329800735698586629295641978511506172918',
  ])('writes and reads the identifier %s', (dotted) => {
    const der = encodeOid(dotted);
    expect(formatOid(der.subarray(2))).toBe(dotted);
    expect(readDer(der).tag).toBe(0x06);
  });
});

describe('a request that is not strict DER', () => {
  const { der } = makeRequest({ key: makeKey('prime256v1') });

  it('HI-E9: with trailing bytes is refused with the contract sentence', () => {
    const failure = refusalOf(Buffer.concat([der, Buffer.from([0])]));
    expect(failure?.kind).toBe('request-malformed');
    expect(failure?.message).toMatch(/^Error while parsing CSR: .*trailing/);
  });

  it('HI-E11: above 16 KiB is too large', () => {
    expect(refusalOf(Buffer.alloc(16 * 1024 + 1))?.kind).toBe('request-too-large');
    expect(refusalOf(Buffer.alloc(16 * 1024))?.kind).toBe('request-malformed');
  });
});
