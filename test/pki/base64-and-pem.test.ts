import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { decodeBase64 } from '../../src/pki/base64.js';
import { encodePem, readPemBlocks } from '../../src/pki/pem.js';
import { makeKey, makeRequest } from '../support/requests.js';
import { millisecondsOf } from './time-it.js';

describe('base64', () => {
  it.each(['Zm9v', 'Zm8=', 'Zg==', 'Zm\n9v', 'Zm\r\n9v\r\n', '+/+/'])('decodes %j', (text) => {
    expect(decodeBase64(text)).toEqual(Buffer.from(text, 'base64'));
  });

  it.each([
    ['nothing', ''],
    ['line breaks alone', '\r\n'],
    ['the URL alphabet', '-_-_'],
    ['missing padding', 'Zg'],
    ['too much padding', 'Zg==='],
    ['data after the padding', 'Zg==Zg=='],
    ['a space', 'Zm 9v'],
    ['bits that padding discards', 'Zh=='],
    ['padding alone', '===='],
    ['other characters', 'wrong-csr'],
    ['a NUL', 'Zm9v\0'],
    ['full-width letters', 'Ｚm9v'],
  ])('refuses %s', (_what, text) => {
    expect(decodeBase64(text)).toBeUndefined();
  });
});

describe('PEM', () => {
  it('reads what it writes, at every length around a full line', () => {
    for (let length = 1; length <= 200; length++) {
      const der = randomBytes(length);
      const [block, ...more] = readPemBlocks(encodePem('CERTIFICATE', der));
      expect([block?.label, Buffer.from(block?.der ?? []), more.length]).toEqual([
        'CERTIFICATE',
        der,
        0,
      ]);
    }
  });

  it('writes what openssl reads and writes', () => {
    const { pem } = makeRequest({ key: makeKey('prime256v1') });
    expect(execFileSync('openssl', ['req'], { input: pem }).toString()).toBe(pem);
  });

  it('HI-E7: reads CRLF, any label, text before, between and after', () => {
    const text = `Subject: x\n${encodePem('NEW CERTIFICATE REQUEST', Buffer.from('a'))}--\n${encodePem('ANY THING', Buffer.from('b'))}after`;
    expect(readPemBlocks(text.replaceAll('\n', '\r\n')).map((block) => block.label)).toEqual([
      'NEW CERTIFICATE REQUEST',
      'ANY THING',
    ]);
  });

  it('reads lines with blanks at their ends', () => {
    expect(readPemBlocks('-----BEGIN A----- \nZm9v\t\nZm9v \n-----END A-----')).toHaveLength(1);
  });

  it.each([
    ['no end', '-----BEGIN A-----\nZm9v\n'],
    ['another label at the end', '-----BEGIN A-----\nZm9v\n-----END B-----\n'],
    ['no line break after the label', '-----BEGIN A-----Zm9v\n-----END A-----\n'],
    ['no line break before the end', '-----BEGIN A-----\nZm9v-----END A-----\n'],
    ['text before it on its line', 'x-----BEGIN A-----\nZm9v\n-----END A-----\n'],
    ['headers', '-----BEGIN A-----\nProc-Type: 4,ENCRYPTED\n\nZm9v\n-----END A-----\n'],
    ['nothing inside', '-----BEGIN A-----\n\n-----END A-----\n'],
    ['a line break in the label', '-----BEGIN A\nB-----\nZm9v\n-----END A\nB-----\n'],
  ])('leaves out a block with %s and reads the next one', (_what, text) => {
    expect(readPemBlocks(text)).toEqual([]);
    expect(readPemBlocks(`${text}\n${encodePem('Y', Buffer.from('next'))}`).at(-1)?.label).toBe(
      'Y',
    );
  });

  it.each([
    ['openings', '-----BEGIN A-----\n'],
    ['openings without end', '-----BEGIN '],
    ['dashes', '-'],
    ['open labels', '-----BEGIN A'],
    ['crossed blocks', '-----BEGIN A-----\n-----END B-----\n'],
    ['line breaks', '\r\n'],
  ])('takes linear time for 64 KB of %s', (_what, part) => {
    const text = part.repeat(Math.ceil(65536 / part.length));
    expect(millisecondsOf(() => readPemBlocks(text))).toBeLessThan(50);
  });
});
