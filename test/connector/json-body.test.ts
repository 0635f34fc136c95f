import { describe, expect, it } from '@jest/globals';
import { readJsonBody } from '../../src/connector/json-body.js';
import { readCsrBody } from '../../src/connector/requests.js';
import { Failure } from '../../src/failure.js';
import { millisecondsOf } from '../pki/time-it.js';

const limit = 65_536;

function membersOf(body: string | Uint8Array): Record<string, unknown> {
  return Object.fromEntries(readJsonBody(Buffer.from(body)));
}

function refusalOf(body: string | Uint8Array, read: (body: Buffer) => unknown = readJsonBody) {
  try {
    read(Buffer.from(body));
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

describe('the members of a JSON body', () => {
  it('are found by their keys in any letter case, whatever else is there', () => {
    expect(membersOf('{"CSR":"a","Hash":1,"other":[{"csr":"b"}]}')).toEqual({
      csr: 'a',
      hash: 1,
      other: [{ csr: 'b' }],
    });
  });

  it('are none in null and in an empty object', () => {
    expect(membersOf('null')).toEqual({});
    expect(membersOf(' {} ')).toEqual({});
  });

  it.each([
    ['an escaped letter', '{"\\u0063sr":"a"}'],
    ['an escape and another letter case', '{"\\u0043S\\u0052":"a"}'],
    ['a raw line break inside', '{"c\nsr":"a"}'],
  ])('are found by a key with %s', (_what, body) => {
    expect(membersOf(body)).toEqual({ csr: 'a' });
  });

  it.each(['1', '-0', '1e999', '-1e-999', '123456789012345678901234567890', 'true', '[]', '{}'])(
    'may be any value: %s',
    (value) => {
      expect(membersOf(`{"csr":${value}}`)).toEqual({ csr: JSON.parse(value) as unknown });
      expect(refusalOf(`{"csr":${value}}`, readCsrBody)?.kind).toBe('field-invalid');
    },
  );

  it('called __proto__, constructor or toString are members like any other', () => {
    const members = readJsonBody(Buffer.from('{"__proto__":{"csr":"a"},"constructor":1}'));
    expect([...members.keys()]).toEqual(['__proto__', 'constructor']);
    expect(members.get('csr')).toBeUndefined();
    expect(members.get('toString')).toBeUndefined();
    expect({}).not.toHaveProperty('csr');
  });

  it('keep lone surrogates, which are then no base64', () => {
    expect(membersOf('{"\\ud800":"\\udc00"}')).toEqual({ '\ud800': '\udc00' });
    expect(refusalOf('{"csr":"\\ud800"}', readCsrBody)?.kind).toBe('base64-malformed');
  });

  it('keep line separators, which are letters of a JSON string', () => {
    expect(membersOf('{"a":"\u2028\u2029","b":"x"}')).toEqual({ a: '\u2028\u2029', b: 'x' });
  });
});

describe('a key that a JSON body names twice', () => {
  it.each([
    ['as it is', '{"csr":"a","csr":"a"}', 'csr'],
    ['in another letter case', '{"csr":"a","CSR":"b"}', 'csr'],
    ['with an escape', '{"csr":"a","\\u0063sr":"b"}', 'csr'],
    ['with all escapes', '{"\\u0063\\u0073\\u0072":"a","\\u0043\\u0053\\u0052":"b"}', 'csr'],
    ['around another object', '{"csr":"a","x":{"y":[1]},"csr":"b"}', 'csr'],
    ['after a value that looks like a key', '{"a":"csr","csr":"a","csr" : "b"}', 'csr'],
    ['with a line break inside', '{"csr":"a","c\nsr":"b"}', 'csr'],
    ['when it is __proto__', '{"__proto__":1,"__proto__":2}', '__proto__'],
    ['when it is empty', '{"":1,"":2}', ''],
    ['when it is no Unicode', '{"\\ud800":1,"\\ud800":2}', '\ud800'],
  ])('is refused %s', (_how, body, key) => {
    const failure = refusalOf(body);
    expect(failure?.kind).toBe('field-duplicate');
    expect(failure?.message).toBe(`Error while unmarshalling request body: it names ${key} twice.`);
  });

  it.each([
    ['in objects of their own', '{"csr":"a","x":{"csr":"b"},"y":[{"csr":"c"}]}'],
    ['as key and as value', '{"csr":"csr","x":"csr"}'],
    ['in the text of a value', '{"csr":"a","x":"\\",\\"csr\\":\\"b\\""}'],
    ['with brackets in a value', '{"x":"}{","csr":"a","y":"]["}'],
    ['behind a backslash at the end', '{"x":"\\\\","csr":"a"}'],
  ])('is none %s', (_how, body) => {
    expect(membersOf(body)).toHaveProperty('csr');
  });
});

describe('a body that is no JSON object', () => {
  it.each([
    ['nothing', '', 'json-malformed', 'it is empty.'],
    ['white space', ' \t\r\n', 'json-malformed', 'it is empty.'],
    ['a byte order mark before it', '\ufeff{"csr":"a"}', 'json-malformed', 'it is not valid JSON.'],
    [
      'a byte order mark of UTF-16',
      Buffer.from('\ufeff{}', 'utf16le'),
      'json-malformed',
      'it is not UTF-8.',
    ],
    ['Latin-1', Buffer.from('{"csr":"é"}', 'latin1'), 'json-malformed', 'it is not UTF-8.'],
    ['overlong UTF-8', Buffer.from('7b22c0a2227d', 'hex'), 'json-malformed', 'it is not UTF-8.'],
    [
      'a surrogate in UTF-8',
      Buffer.from('22eda08022', 'hex'),
      'json-malformed',
      'it is not UTF-8.',
    ],
    ['UTF-8 that is cut off', Buffer.from('22c3', 'hex'), 'json-malformed', 'it is not UTF-8.'],
    ['a list', '[{"csr":"a"}]', 'json-malformed', 'it is not a JSON object.'],
    ['a string', '"csr"', 'json-malformed', 'it is not a JSON object.'],
    ['true', 'true', 'json-malformed', 'it is not a JSON object.'],
    ['a second object behind', '{"csr":"a"}{"csr":"a"}', 'json-malformed', 'it is not valid JSON.'],
    ['single quotes', "{'csr':'a'}", 'json-malformed', 'it is not valid JSON.'],
    ['a comment', '{"csr":"a"/**/}', 'json-malformed', 'it is not valid JSON.'],
    ['a comma too many', '{"csr":"a",}', 'json-malformed', 'it is not valid JSON.'],
    ['a tab in a string', '{"csr":"a\tb"}', 'json-malformed', 'it is not valid JSON.'],
    ['NUL behind', '{"csr":"a"}\0', 'json-malformed', 'it is not valid JSON.'],
    ['NaN', '{"csr":NaN}', 'json-malformed', 'it is not valid JSON.'],
    ['an escape that is none', '{"csr":"\\x41"}', 'json-malformed', 'it is not valid JSON.'],
    ['a string without end', '{"csr":"a', 'json-cut-off', /it ends inside a string\./],
    ['a string that ends in an escape', '{"csr":"a\\', 'json-cut-off', /it ends inside a string\./],
    ['a string that ends in a quote', '{"csr":"a\\"', 'json-cut-off', /it ends inside a string\./],
  ] as const)('is refused: %s', (_what, body, kind, sentence) => {
    const failure = refusalOf(body);
    expect(failure?.kind).toBe(kind);
    expect(failure?.message).toMatch(/^Error while unmarshalling request body: /);
    expect(failure?.message).toMatch(sentence);
    expect(failure?.cause instanceof SyntaxError).toBe(false); // its message would quote the body
  });
});

describe('HI rule 1: the time that a body of 64 KiB takes', () => {
  const filled = (start: string, piece: string, end = '') =>
    start + piece.repeat(Math.floor((limit - start.length - end.length) / piece.length)) + end;

  it.each([
    ['opening brackets', filled('', '[')],
    ['opening braces', filled('', '{"a":')],
    ['lists inside lists', `{"csr":${'['.repeat(32_000)}${']'.repeat(32_000)}}`],
    ['50,000 levels that do not end', `{"csr":${'['.repeat(50_000)}`],
    ['objects inside objects', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
    ['quotes', filled('', '"')],
    ['escaped quotes in a string without end', filled('{"csr":"', '\\"')],
    ['escaped quotes in a string', filled('{"csr":"', '\\"', '"}')],
    ['strings in a string without end', filled('{"csr":"', '\\"a\\",')],
    ['backslashes', filled('"', '\\')],
    ['line separators behind backslashes', filled('"', '\\\u2028"')],
    ['one string', filled('{"csr":"', 'A', '"}')],
    ['one string of escapes', filled('{"csr":"', '\\u0041', '"}')],
    ['line breaks', filled('{"csr":"', '\r\n', '"}')],
    ['members', `{${Array.from({ length: 7000 }, (_none, at) => `"${at}":1`).join(',')}}`],
    ['a number', filled('{"csr":', '9', '}')],
    ['colons', filled('{"csr"', ':')],
    ['PEM without end', JSON.stringify({ csr: btoa('-----BEGIN A-----\n'.repeat(900)) })],
    ['PEM on one line', JSON.stringify({ csr: btoa('-----BEGIN '.repeat(1480)) })],
    ['dashes', JSON.stringify({ csr: btoa('-'.repeat(16_384)) })],
    ['blanks in PEM', JSON.stringify({ csr: btoa(`-----BEGIN A-----${' '.repeat(16_000)}`) })],
  ])('stays under 50 ms for %s', (_what, body) => {
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(
      body.includes('\u2028') ? 2 * limit : limit,
    );
    expect(refusalOf(body, readCsrBody)).toBeDefined();
    expect(millisecondsOf(() => refusalOf(body, readCsrBody))).toBeLessThan(50);
  });
});
