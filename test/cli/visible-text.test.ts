import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { visibleLine, visibleText } from '../../src/cli/visible-text.js';

const acts = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069\p{Cs}]/u;
const texts = fc.string({ unit: 'binary' });

describe('text of somebody else on a terminal', () => {
  it.each([
    ['a\u001b[2Kb', 'a\\u{1b}[2Kb'],
    ['a\u202eb', 'a\\u{202e}b'],
    ['a\rb', 'a\\u{d}b'],
    ['a\r\nb\nc', 'a\nb\nc'],
    ['\u{1f9d1}\u200d\u{1f4bb}', '\u{1f9d1}\u200d\u{1f4bb}'],
  ])('%j is shown as %j', (text, shown) => {
    expect(visibleText(text)).toBe(shown);
  });

  it('never acts on the terminal, and a line is one line', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 50 }), (text, length) => {
        expect(visibleText(text).replaceAll('\n', '')).not.toMatch(acts);
        expect(visibleLine(text)).not.toMatch(acts);
        expect(Array.from(visibleLine(text, length)).length).toBeLessThanOrEqual(length);
      }),
    );
  });
});
