import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseClientCertHeader } from '../../src/http/client-cert-header.js';

describe('HI-P2: parseClientCertHeader', () => {
  it('reads the bytes of a byte sequence, padded or not', () => {
    for (const value of [':aGVsbG8=:', ':aGVsbG8:'])
      expect(parseClientCertHeader(value)).toEqual(Buffer.from('hello'));
  });

  it.each([
    '',
    ':',
    '::',
    'aGVsbG8=',
    ':aGVsbG8=',
    'aGVsbG8=:',
    ':aGVsbG8=:;a=1',
    ':aGVsbG8=:, :aGVsbG8=:',
    ':aGVsbG8=: ',
    ':aGVsbG8==:',
    ':aGVsbG9=:',
    ':aGVs bG8=:',
    ':aGVsbG8=aGVs:',
    ':a:',
    ':aG-_:',
    ':aGVs%3D:',
    '"aGVsbG8="',
    '?1',
  ])('refuses "%s"', (value) => {
    expect(parseClientCertHeader(value)).toBeUndefined();
  });

  it('reads every byte sequence back, and nothing of what is cut off it or added to it', () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(
        bytes,
        fc.nat(),
        fc.constantFrom(':', '=', ' ', ',', '\\', 'é'),
        (der, at, odd) => {
          const value = `:${Buffer.from(der).toString('base64')}:`;
          expect(parseClientCertHeader(value)).toEqual(Buffer.from(der));
          for (let length = 0; length < value.length; length += 1)
            expect(parseClientCertHeader(value.slice(0, length))).toBeUndefined();
          const place = at % (value.length + 1);
          const added = value.slice(0, place) + odd + value.slice(place);
          expect(parseClientCertHeader(added)).toBeUndefined();
        },
      ),
    );
  });

  it('answers whatever it is given', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const read = parseClientCertHeader(value);
        if (read)
          expect(value.replace(/=*:$/, '')).toBe(
            `:${Buffer.from(read).toString('base64').replace(/=*$/, '')}`,
          );
      }),
    );
  });
});
