import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readEmailAddress } from '../../src/email-address.js';
import { readCredentials, readDescription, readTokenOrder } from '../../src/people/requests.js';
import { Failure } from '../../src/failure.js';
import { startTestGateway } from '../support/gateway.js';
import { addPerson, callAsUser } from './person.js';
import { ask, openTls, requestText } from '../support/wire.js';

const readers = { readCredentials, readTokenOrder, readDescription };

/** Reads, or refuses with a Failure; anything else is a fault. */
function kindOf(read: () => unknown): string {
  try {
    read();
    return 'read';
  } catch (error) {
    if (error instanceof Failure) return error.kind;
    throw error;
  }
}

describe('a body', () => {
  const order = '{"description":"x","max_age_seconds":60,"extend_when_used":true}';
  const good = { readCredentials: '{"email":"a@b","password":"p"}', readTokenOrder: order };

  it.each(Object.entries(good))('%s: cut at each byte is refused', (reader, text) => {
    const read = readers[reader as keyof typeof good];
    expect(kindOf(() => read(Buffer.from(text)))).toBe('read');
    for (let length = 0; length < text.length; length += 1)
      expect(kindOf(() => read(Buffer.from(text.slice(0, length))))).toBe('json-malformed');
    for (const more of ['x', '{}', ',', '\0'])
      expect(kindOf(() => read(Buffer.from(text + more)))).toBe('json-malformed');
  });

  it.each(Object.entries(readers))('%s: of any bytes or JSON is read or refused', (_name, read) => {
    const keys = fc.constantFrom(
      'email',
      'password',
      'description',
      'max_age_seconds',
      '__proto__',
    );
    const value = fc.oneof(fc.jsonValue(), fc.string(), fc.constantFrom('a@b', 60, true, null));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc.json().map((text) => Buffer.from(text)),
          fc.dictionary(keys, value).map((body) => Buffer.from(JSON.stringify(body))),
        ),
        (bytes) => {
          kindOf(() => read(bytes));
        },
      ),
    );
  });

  it.each([
    ['an address that is none', { email: 'jo', password: 'p' }],
    ['an address of another type', { email: ['a@b'], password: 'p' }],
    ['no password', { email: 'a@b' }],
    ['an empty password', { email: 'a@b', password: '' }],
    ['a password of 1025 characters', { email: 'a@b', password: 'x'.repeat(1025) }],
  ])('of a sign-in with %s is refused', (_what, body) => {
    expect(kindOf(() => readCredentials(Buffer.from(JSON.stringify(body))))).toBe('field-invalid');
  });

  it.each([
    ['a life of 59 seconds', { max_age_seconds: 59 }],
    ['a life of a fraction', { max_age_seconds: 60.5 }],
    ['a life in words', { max_age_seconds: '3600' }],
    ['a life beyond a hundred years', { max_age_seconds: 3_162_240_001 }],
    ['a word for a switch', { extend_when_used: 'true' }],
    ['a description of two lines', { description: 'a\nb' }],
    ['a description with a NUL', { description: 'a\0b' }],
    ['a description with half a character', { description: '\ud800' }],
    ['a description of 257 characters', { description: 'x'.repeat(257) }],
  ])('of a new token with %s is refused', (_what, body) => {
    expect(kindOf(() => readTokenOrder(Buffer.from(JSON.stringify(body))))).toBe('field-invalid');
  });
});

describe('an e-mail address', () => {
  it.each(['a@b', 'admin@localhost', "o'neil+x@mail.example.com", 'A@B.C'])('%s is one', (text) => {
    expect(readEmailAddress(text)).toBe(text.toLowerCase());
  });

  it.each([
    '',
    'a',
    '@b',
    'a@',
    'a@@b',
    '.a@b',
    'a..b@c',
    'a@-b',
    'a@b-',
    'a@b..c',
    'a b@c',
    'ä@b',
  ])('%j is none', (text) => {
    expect(readEmailAddress(text)).toBeUndefined();
  });

  it('of any text is judged, and comes out as it went in but for its case', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.emailAddress(), fc.string({ unit: 'binary' })),
        (text) => {
          expect([undefined, text.toLowerCase()]).toContain(readEmailAddress(text));
        },
      ),
    );
    const long = `${'a'.repeat(64)}@${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}`;
    expect(readEmailAddress(long)).toBe(long);
    expect(readEmailAddress(`${long}d`)).toBeUndefined();
    expect(readEmailAddress(`a${long}`)).toBeUndefined();
  });
});

describe('the front door', () => {
  it('answers 401 to any Authorization header but the right one', async () => {
    const gateway = await startTestGateway();
    const { token } = await addPerson(gateway);
    const right = `aivenv1 ${token}`;
    const text = fc.string({
      unit: fc.constantFrom('aivenv1', 'Bearer', ' ', ' ', '\t', ',', ';', '=', '"', 'é', token),
    });
    const flipped = fc
      .tuple(fc.nat(right.length - 1), fc.integer({ min: 0, max: 6 }))
      .map(([at, bit]) => {
        const bytes = Buffer.from(right);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
        return bytes.toString('latin1');
      })
      .filter((header) => /^[\x20-\x7e]+$/.test(header));
    const cut = fc.nat(right.length - 1).map((length) => right.slice(0, length));
    await fc.assert(
      fc.asyncProperty(fc.oneof(text, flipped, cut), async (header) => {
        fc.pre(!/^ *(aivenv1|bearer) +\S+ *$/i.test(header) || !header.includes(token));
        const socket = await openTls(gateway, {}, gateway.urls.admin);
        const headers = { Authorization: header };
        const answer = await ask(socket, requestText('GET', '/v1/me', { headers }));
        expect(answer.status).toBe(401);
      }),
      { numRuns: 60 },
    );
  });

  it('finds no token by any name in the path', async () => {
    const gateway = await startTestGateway();
    const { token } = await addPerson(gateway);
    const names = ['%00', 'a%00b', '%F0%9F%8D%81', '%2F', '..%2Fme', '*', '%25', 'x'.repeat(5000)];
    for (const name of names) {
      const { status } = await callAsUser(gateway, token, 'delete', `/v1/access_token/${name}`);
      expect([name, status]).toEqual([name, 404]);
    }
    await callAsUser(gateway, token, 'get', '/v1/me').expect(200);
  });
});
