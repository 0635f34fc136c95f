import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Failure } from '../../src/failure.js';
import {
  readApproval,
  readDeclination,
  readNewRotation,
} from '../../src/governance/governance-requests.js';
import { readRotationQuery } from '../../src/governance/rotation-list-requests.js';
import { oldCertificateFates } from '../../src/governance/rotation-policy.js';

/** What is read, or the kind of the refusal; anything else flies. */
function judged<T>(read: () => T): T | string {
  try {
    return read();
  } catch (error) {
    if (error instanceof Failure) return error.kind;
    throw error;
  }
}

const bytesOf = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value), 'utf8');

const digest = 'a'.repeat(64);
const readers = [
  { read: readNewRotation, good: { message: 'lost', revoke_old: 'at_once' } },
  { read: readApproval, good: { digest, message: 'yes' } },
  { read: readDeclination, good: { reason: 'no' } },
] as const;

const kinds = ['field-invalid', 'json-malformed', 'field-duplicate'];

describe('the bodies of rotations', () => {
  it.each(readers)(
    'cut and extended anywhere are read or refused: $read.name',
    ({ read, good }) => {
      const whole = bytesOf(good);
      expect(typeof judged(() => read(whole))).toBe('object');
      for (let end = 0; end < whole.length; end += 1)
        expect(judged(() => read(whole.subarray(0, end)))).toBe('json-malformed');
      fc.assert(
        fc.property(
          fc.uint8Array({ minLength: 1, maxLength: 8 }),
          fc.nat(whole.length),
          (more, at) => {
            const body = Buffer.concat([whole.subarray(0, at), more, whole.subarray(at)]);
            const outcome = judged(() => read(body));
            expect(typeof outcome === 'object' || kinds.includes(outcome)).toBe(true);
          },
        ),
      );
    },
  );

  it.each(readers)('of any values are read or refused: $read.name', ({ read, good }) => {
    const field = fc.constantFrom(...Object.keys(good));
    const value = fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(field, value, (name, wrong) => {
        const outcome = judged(() => read(bytesOf({ ...good, [name]: wrong })));
        expect(typeof outcome === 'object' || kinds.includes(outcome)).toBe(true);
      }),
    );
  });

  it('what is read is trimmed, says something, and has 1000 characters at most', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 1100 });
    fc.assert(
      fc.property(text, fc.constantFrom(...oldCertificateFates), (message, revoke_old) => {
        const outcome = judged(() => readNewRotation(bytesOf({ message, revoke_old })));
        if (typeof outcome === 'string') {
          expect(outcome).toBe('field-invalid');
          return;
        }
        expect(outcome).toEqual({ message: message.trim(), revokeOld: revoke_old });
        expect(outcome.message).not.toBe('');
        expect(Array.from(outcome.message).length).toBeLessThanOrEqual(1000);
        expect(outcome.message.replaceAll(/[\t\r\n]/g, '')).not.toMatch(/[\p{Cc}\u202e]/u);
      }),
    );
  });

  it('queries of lists are read or refused', () => {
    const names = ['state', 'access_id', 'access_name', 'requester_user_id', 'limit', 'cursor'];
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.string(), { maxLength: 3 }),
      fc.constantFrom('pending', 'acc0', '1', '1.rot0'),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), value), (query) => {
        const outcome = judged(() => readRotationQuery({ query }));
        if (typeof outcome === 'string') expect(outcome).toBe('field-invalid');
        else expect(outcome.limit).toBeGreaterThan(0);
      }),
    );
  });
});
