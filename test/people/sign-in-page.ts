import { expect } from '@jest/globals';
import type { Response } from 'supertest';

/** A page that says why nobody signed in, and how to go on. */
export function expectPage(answer: Response, status: number, sentence: string): void {
  const said = answer.text.replace(/\s+/g, ' ');
  expect([answer.status, said]).toEqual([status, expect.stringContaining(sentence)]);
  expect(answer.headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
  });
  expect(said).toContain('href="/sign-in/openid"');
  expect(said).not.toContain('<script');
}
