import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { MalformedDer } from '../../src/pki/der-reader.js';
import { encodeOid, encodeSequence } from '../../src/pki/der-writer.js';
import { asDer } from '../../src/pki/der.js';
import {
  attributeValue,
  buildAuthorityName,
  buildSubject,
  compareNames,
  formatName,
  readName,
} from '../../src/pki/names.js';
import {
  defaultSubject,
  makeName,
  type RequestInput,
  type TestAttribute,
} from '../support/requests.js';
import { millisecondsOf } from './time-it.js';

const fields = {
  CN: 'app',
  O: 'Organization',
  OU: 'OrgUnit',
  L: 'Waldorf',
  ST: 'Waldorf',
  C: 'DE',
};
const expected = readName(buildSubject(fields));
const parts: readonly TestAttribute[] = [
  ['C', 'DE'],
  ['ST', 'Waldorf'],
  ['L', 'Waldorf'],
  ['O', 'Organization'],
  ['OU', 'OrgUnit'],
  ['CN', 'app'],
];

const nameOf = (subject: NonNullable<RequestInput['subject']>) => readName(makeName(subject));
const compare = (subject: NonNullable<RequestInput['subject']>) =>
  compareNames({ requested: nameOf(subject), expected });
const withCn = (value: string | Uint8Array, tag?: number): TestAttribute[] => [
  ...parts.slice(0, 5),
  tag === undefined ? ['CN', value] : ['CN', value, tag],
];

describe('the same name', () => {
  it.each([
    ['HI-N1: as UTF8String', defaultSubject],
    ['HI-N1: reversed', [...parts].reverse()],
    ['HI-N1: as PrintableString', parts.map(([type, value]) => [type, value, 0x13] as const)],
    ['HI-N1: as IA5String', parts.map(([type, value]) => [type, value, 0x16] as const)],
  ])('%s is no difference', (_id, subject) => {
    expect(compare(subject)).toBeUndefined();
  });

  it('with letters beyond ASCII is no difference', () => {
    const own = readName(buildSubject({ ...fields, CN: 'Bäckerei 🥨' }));
    expect(
      compareNames({ requested: nameOf(withCn('Bäckerei 🥨')), expected: own }),
    ).toBeUndefined();
  });

  it('with a value that occurs twice on both sides is no difference, in any order', () => {
    const both = nameOf([...parts, ['OU', 'Second']]);
    const turned = nameOf([['OU', 'Second'], ...parts]);
    expect(compareNames({ requested: turned, expected: both })).toBeUndefined();
    const others = nameOf([
      ['OU', 'Second'],
      ...parts.slice(0, 4),
      ['CN', 'app'],
      ['OU', 'Second'],
    ]);
    expect(compareNames({ requested: others, expected: both })).toMatchObject({
      attribute: 'OU',
      problem: 'different',
    });
  });
});

describe('another value of CN', () => {
  it.each([
    ['HI-N2: letter case', 'App'],
    ['HI-N2: a leading space', ' app'],
    ['HI-N2: a trailing space', 'app '],
    ['HI-N2: a doubled space', 'a  pp'],
    ['HI-N2: NBSP', 'app\u00a0'],
    ['HI-N2: a byte order mark', '\ufeffapp'],
    ['HI-N2: NUL at the end', 'app\0'],
    ['HI-N2: NUL in the middle', 'app\0.evil'],
    ['HI-N2: a look-alike letter', '\u0430pp'],
    ['HI-N2: a zero-width joiner', 'a\u200dpp'],
    ['HI-N2: a direction mark', 'app\u202e'],
    ['HI-N5: another application', 'other'],
    ['HI-N6: 65 characters', 'a'.repeat(65)],
    ['HI-N6: 4 KB', 'a'.repeat(4096)],
    ['nothing', ''],
  ])('%s differs', (_id, value) => {
    expect(compare(withCn(value))).toEqual({
      attribute: 'CN',
      problem: 'different',
      expected: 'app',
    });
  });

  it('HI-N2: a normalisation form differs', () => {
    const own = readName(buildSubject({ ...fields, CN: '\u00e9' }));
    expect(compareNames({ requested: nameOf(withCn('e\u0301')), expected: own })?.problem).toBe(
      'different',
    );
  });

  it.each([
    ['HI-N3: BMPString', Buffer.from('\0a\0p\0p'), 0x1e],
    ['HI-N3: T61String', 'app', 0x14],
    ['HI-N3: UniversalString', Buffer.from('000000610000007000000070', 'hex'), 0x1c],
    ['HI-N3: NumericString', 'app', 0x12],
    ['HI-N3: BIT STRING', '\0app', 0x03],
    ['HI-N3: bytes above 127 in PrintableString', Buffer.from('e9', 'hex'), 0x13],
    ['HI-N3: bytes above 127 in IA5String', Buffer.from('e9', 'hex'), 0x16],
  ])('%s is not a string that counts', (_id, value, tag) => {
    expect(compare(withCn(value, tag))).toEqual({
      attribute: 'CN',
      problem: 'not-a-string',
      expected: 'app',
    });
  });
});

describe('a value that breaks its own string type', () => {
  it.each([
    ['HI-N3: invalid UTF-8', Buffer.from('617070ff', 'hex'), 0x0c],
    ['HI-N3: overlong UTF-8', Buffer.from('c1a17070', 'hex'), 0x0c],
    ['HI-N3: a surrogate in UTF-8', Buffer.from('eda080', 'hex'), 0x0c],
    ['HI-N3: UTF-8 that is cut off', Buffer.from('617070c3', 'hex'), 0x0c],
    ['HI-N3: VisibleString', 'app', 0x1a],
    ['HI-N3: OCTET STRING', 'app', 0x04],
    ['HI-N3: a context-specific tag', 'app', 0x8c],
    ['HI-N3: a BMPString of three bytes', Buffer.from('006100', 'hex'), 0x1e],
    ['HI-N3: a surrogate in BMPString', Buffer.from('d83e', 'hex'), 0x1e],
    ['HI-N3: a UniversalString of five bytes', Buffer.alloc(5), 0x1c],
    ['HI-N3: a UniversalString beyond Unicode', Buffer.from('00110000', 'hex'), 0x1c],
  ])('%s is no name', (_id, value, tag) => {
    expect(() => compare(withCn(value, tag))).toThrow(MalformedDer);
  });
});

describe('other attributes', () => {
  it.each([
    ['HI-N4: a second CN', [...parts, ['CN', 'app']], 'CN', 'repeated'],
    ['HI-N4: a second OU', [...parts, ['OU', 'x']], 'OU', 'repeated'],
    ['HI-N4: serialNumber', [...parts, ['serialNumber', '1']], 'serialNumber', 'unexpected'],
    ['HI-N4: UID', [...parts, ['UID', '1']], 'UID', 'unexpected'],
    [
      'HI-N4: emailAddress',
      [...parts, ['emailAddress', 'a@b', 0x16]],
      'emailAddress',
      'unexpected',
    ],
    ['HI-N4: an unknown one', [...parts, ['1.2.3.4', '1']], '1.2.3.4', 'unexpected'],
    ['HI-N4: no CN', parts.slice(0, 5), 'CN', 'missing'],
    ['HI-N4: no C', parts.slice(1), 'C', 'missing'],
    ['HI-N4: nothing', [], 'CN', 'missing'],
    [
      'HI-N4: two in one RDN',
      [...parts.slice(0, 4), [parts[4], parts[5]]],
      'CN',
      'not-alone-in-its-rdn',
    ],
    [
      'HI-N4: O and L in one RDN',
      [
        ['C', 'DE'],
        ['ST', 'Waldorf'],
        [
          ['L', 'Waldorf'],
          ['O', 'Organization'],
        ],
        ['OU', 'OrgUnit'],
        ['CN', 'app'],
      ],
      'O',
      'not-alone-in-its-rdn',
    ],
    ['another ST', [['C', 'DE'], ['ST', 'Bavaria'], ...parts.slice(2)], 'ST', 'different'],
  ] as [string, NonNullable<RequestInput['subject']>, string, string][])(
    '%s is named',
    (_id, subject, attribute, problem) => {
      expect(compare(subject)).toMatchObject({ attribute, problem });
    },
  );

  it.each(['CN', 'C', 'O', 'OU', 'L', 'ST'] as const)(
    'are looked at in the order CN, C, O, OU, L, ST: %s',
    (first) => {
      const order = ['CN', 'C', 'O', 'OU', 'L', 'ST'];
      const wrongFrom = order.indexOf(first);
      const subject = parts.map(([type, value]): TestAttribute => [
        type,
        order.indexOf(type) >= wrongFrom ? 'wrong' : value,
      ]);
      expect(compare(subject)?.attribute).toBe(first);
    },
  );
});

describe('building', () => {
  it('writes C, ST, L, O, OU, CN, PrintableString where the alphabet allows it', () => {
    const name = readName(buildSubject({ ...fields, CN: '*Runtime*' }));
    expect(name.relativeNames.map(([attribute]) => [attribute?.oid, attribute?.tag])).toEqual([
      ['2.5.4.6', 0x13],
      ['2.5.4.8', 0x13],
      ['2.5.4.7', 0x13],
      ['2.5.4.10', 0x13],
      ['2.5.4.11', 0x13],
      ['2.5.4.3', 0x0c],
    ]);
  });

  it('leaves empty parts out, but not CN', () => {
    expect(formatName(readName(buildSubject({ ...fields, OU: '', L: '' })))).toBe(
      'O=Organization,ST=Waldorf,C=DE,CN=app',
    );
    expect(() => buildSubject({ ...fields, CN: '' })).toThrow(RangeError);
  });

  it('refuses a country that is not printable and text that is not Unicode', () => {
    expect(() => buildSubject({ ...fields, C: 'Ö!' })).toThrow(RangeError);
    expect(() => buildSubject({ ...fields, CN: '\ud800' })).toThrow(RangeError);
  });

  it('writes what openssl reads', () => {
    const der = buildSubject({ ...fields, CN: 'Bäckerei' });
    const text = execFileSync('openssl', ['asn1parse', '-inform', 'DER'], {
      input: der,
    }).toString();
    expect(text).toMatch(
      /countryName[^]*PRINTABLESTRING +:DE[^]*stateOrProvinceName[^]*commonName[^]*UTF8STRING +:Bäckerei/,
    );
  });

  it('names an authority by O and CN', () => {
    expect(formatName(readName(buildAuthorityName({ CN: 'Everleaf CA', O: 'Everleaf' })))).toBe(
      'O=Everleaf,CN=Everleaf CA',
    );
  });
});

describe('showing', () => {
  it('uses the order of the contract, others behind', () => {
    const name = nameOf([['UID', '7'], ...parts, ['1.2.3', 'x']]);
    expect(formatName(name)).toBe(
      'O=Organization,OU=OrgUnit,L=Waldorf,ST=Waldorf,C=DE,CN=app,UID=7,1.2.3=x',
    );
  });

  it('escapes what would pass for another name', () => {
    expect(formatName(nameOf([['CN', 'a,O=b\n+"\\']]))).toBe('CN=a\\,O\\=b\\0a\\+\\"\\\\');
    expect(formatName(nameOf([['CN', ' a ']]))).toBe('CN=\\ a\\ ');
    expect(formatName(nameOf([['CN', Buffer.from('ff', 'hex'), 0x13]]))).toBe('CN=#ff');
  });

  it('gives a value only where it is the only one and a string', () => {
    expect(attributeValue(expected, 'CN')).toBe('app');
    expect(
      attributeValue(
        nameOf([
          ['CN', 'a'],
          ['CN', 'b'],
        ]),
        'CN',
      ),
    ).toBeUndefined();
    expect(attributeValue(nameOf([['CN', 'a', 0x14]]), 'CN')).toBeUndefined();
    expect(attributeValue(nameOf([]), 'CN')).toBeUndefined();
  });
});

describe('reading', () => {
  it('refuses what is no name', () => {
    for (const der of [
      encodeOid('1.2.3'),
      encodeSequence(encodeSequence()),
      asDer(Buffer.from('3000 00')),
    ]) {
      expect(() => readName(der)).toThrow();
    }
  });

  it('compares 180 attributes in far less than 50 ms', () => {
    const hostile = nameOf(
      Array.from({ length: 180 }, (_none, index) => [`1.2.${index}`, 'x'] as const),
    );
    expect(millisecondsOf(() => compareNames({ requested: hostile, expected }))).toBeLessThan(50);
    expect(millisecondsOf(() => formatName(hostile))).toBeLessThan(50);
  });
});
