import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readDenyList } from '../../src/cli/deny-list.js';
import { StartFault } from '../../src/start-fault.js';

const [one, two] = ['ab'.repeat(32), '0123456789abcdef'.repeat(4)] as const;
const withColons = (sha256: string): string => sha256.toUpperCase().replace(/..(?=.)/g, '$&:');

describe('a list of SHA-256 values', () => {
  it('is read a line each, in either case, with comments, empty lines and any line ending', () => {
    const text = `# revoked\r\n${withColons(one)}\r\n\n  ${two.toUpperCase()}\t# app\n#${one}\n`;
    expect(readDenyList(text)).toEqual([one, two]);
    expect(readDenyList(two)).toEqual([two]);
  });

  it.each(['', '\n \r\n', '# nothing'])('may be empty: %j', (text) => {
    expect(readDenyList(text)).toEqual([]);
  });

  it.each([
    ['too short', one.slice(1)],
    ['too long', `${one}a`],
    ['two of them', `${one} ${two}`],
    ['no hex', `g${one.slice(1)}`],
    ['the words of openssl', `sha256 Fingerprint=${withColons(one)}`],
    ['a private key', '-----BEGIN PRIVATE KEY-----'],
  ])('stops at the line that is none: %s', (_what, line) => {
    expect(() => readDenyList(`${one}\n\n${line}\n${two}`)).toThrow(
      new StartFault(
        'Line 3 of the list is no SHA-256 in hex: nothing was denied. Correct it, or put # before it.',
      ),
    );
  });
});

describe('the ConfigMap of the Connector Service', () => {
  const configMap = (data?: object): string =>
    JSON.stringify({ apiVersion: 'v1', ...(data && { data }), kind: 'ConfigMap' }, null, 4);

  it('is read by its keys', () => {
    const data = { [one]: one, [two.toUpperCase()]: two };
    expect(readDenyList(configMap(data)).sort()).toEqual([two, one]);
    expect(readDenyList(` \n${configMap({})}`)).toEqual([]);
    expect(readDenyList(configMap())).toEqual([]);
  });

  it.each([
    [configMap({ [one]: one, ABC: 'ABC' }), 'The key "ABC" of data is no SHA-256'],
    [configMap({ '': '' }), 'The key "" of data'],
    [configMap([one]), 'no ConfigMap'],
    [`{"kind":"ConfigMap","data":"${one}"}`, 'no ConfigMap'],
    [`{"kind":"List","items":[${configMap({ [one]: one })}]}`, 'no ConfigMap'],
    [`{"${one}":"${one}"}`, 'no ConfigMap'],
    ['{', 'begins like JSON and is not'],
    [`${configMap()}${configMap()}`, 'begins like JSON and is not'],
  ])('stops where it is none: %s', (text, words) => {
    expect(() => readDenyList(text)).toThrow(StartFault);
    expect(() => readDenyList(text)).toThrow(words);
  });
});

describe('any text', () => {
  const sha256 = fc.string({
    unit: fc.constantFrom(...Array.from('0123456789abcdef')),
    minLength: 64,
    maxLength: 64,
  });

  it('gives what is in it, or a sentence', () => {
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .array(fc.oneof(sha256, sha256.map(withColons), fc.string()))
        .map((lines) => lines.join('\n')),
    );
    fc.assert(
      fc.property(text, (tried) => {
        try {
          for (const found of readDenyList(tried)) expect(found).toMatch(/^[0-9a-f]{64}$/);
        } catch (error) {
          if (!(error instanceof StartFault)) throw error;
          expect(error.message).toMatch(/\.$/);
        }
      }),
    );
  });

  it('comes back as it was written', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(sha256, fc.boolean())), (entries) => {
        const lines = entries.map(([value, isLong]) => (isLong ? withColons(value) : value));
        expect(readDenyList(lines.join('\n'))).toEqual(entries.map(([value]) => value));
      }),
    );
  });
});
