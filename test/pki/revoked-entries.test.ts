import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { derOf, readDer } from '../../src/pki/der-reader.js';
import { encodeSequence } from '../../src/pki/der-writer.js';
import { asSerialNumber } from '../../src/pki/der.js';
import { isRevocationReason, revocationReasons } from '../../src/pki/revocation-reason.js';
import { makeEncodeRevokedEntries } from '../../src/pki/revoked-entries.js';
import { linesOf } from '../support/revoked-entries.js';
import type { Entry } from '../support/revoked-entries.js';

const encodeRevokedEntries = makeEncodeRevokedEntries();
const reasons = Object.keys(revocationReasons).filter(isRevocationReason);

const anyEntry: fc.Arbitrary<Entry> = fc.record({
  // Positive and minimal, as an INTEGER has to be.
  serial: fc
    .uint8Array({ minLength: 0, maxLength: 63 })
    .map((bytes) => asSerialNumber(`4a${Buffer.from(bytes).toString('hex')}`)),
  revokedAt: fc.integer({ min: 0, max: Date.UTC(9999) / 1000 }),
  reason: fc.constantFrom(...reasons),
});

/** What is written about one entry, by a second way: built from objects. */
function readEntries(bytes: Uint8Array) {
  return readDer(encodeSequence(bytes)).children.map(({ children }) => {
    const [serial, time, extensions] = children;
    return {
      serial: serial && Buffer.from(derOf(serial)).toString('hex', 2),
      seconds: time && secondsOf(Buffer.from(derOf(time)).toString('latin1', 2)),
      // The last byte of the extensions is the code.
      code: extensions ? derOf(extensions).at(-1) : 0,
    };
  });
}

function secondsOf(text: string): number {
  const [year, rest] =
    text.length === 15 ? [text.slice(0, 4), text.slice(4)] : [centuryOf(text), text.slice(2)];
  const [month, day, hour, minute, second] = rest.match(/../g) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) / 1000;
}

function centuryOf(text: string): string {
  return `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text.slice(0, 2)}`;
}

describe('the entries of a revocation list', () => {
  it('say what the lines say, whatever their order and length', () => {
    const property = fc.property(fc.array(anyEntry, { maxLength: 12 }), (entries) => {
      expect(readEntries(encodeRevokedEntries(linesOf(entries)))).toEqual(
        entries.map(({ serial, revokedAt, reason }) => ({
          serial,
          seconds: revokedAt,
          code: revocationReasons[reason],
        })),
      );
    });
    fc.assert(property, { numRuns: 300 });
  });

  it('are none for no lines', () => {
    expect(encodeRevokedEntries('')).toHaveLength(0);
  });

  it('are refused when the lines are cut anywhere but at an end', () => {
    const lines = linesOf([
      { serial: asSerialNumber('4711'), revokedAt: 1_790_000_000, reason: 'superseded' },
      { serial: asSerialNumber('4712'), revokedAt: 1_790_000_001, reason: 'superseded' },
    ]);
    const end = lines.indexOf('\n') + 1;
    for (let length = 1; length < lines.length; length++) {
      if (length === end) continue;
      expect(() => encodeRevokedEntries(lines.slice(0, length))).toThrow(RangeError);
    }
  });

  it.each([
    'G1 1 superseded\n',
    'AB 1 superseded\n',
    '4 1 superseded\n',
    '471 1 superseded\n',
    ' 1 superseded\n',
    '47  superseded\n',
    '47 -1 superseded\n',
    '47 1.5 superseded\n',
    '47 1 Superseded\n',
    '47 1 certificateHold\n',
    '47 1 superseded \n',
    '47 1 \n',
    '47 1\n',
    '47 999999999999 superseded\n',
    `${'47'.repeat(65)} 1 superseded\n`,
    '47 1 superseded\n\n',
    '47 1 superseded\r\n',
  ])('are refused for %j', (lines) => {
    expect(() => encodeRevokedEntries(lines)).toThrow(RangeError);
  });

  it('are written or refused with a RangeError, never more, after random changes', () => {
    const property = fc.property(
      fc.array(anyEntry, { minLength: 1, maxLength: 3 }),
      fc.nat(),
      fc.integer({ min: 0, max: 255 }),
      (entries, place, character) => {
        const lines = linesOf(entries);
        const at = place % lines.length;
        const changed = `${lines.slice(0, at)}${String.fromCharCode(character)}${lines.slice(at + 1)}`;
        const encoded = tryEncode(changed);
        if (encoded) expect(readEntries(encoded).length).toBeGreaterThan(0);
      },
    );
    fc.assert(property, { numRuns: 500 });
  });
});

function tryEncode(lines: string): Uint8Array | undefined {
  try {
    return encodeRevokedEntries(lines);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
