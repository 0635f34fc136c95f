import { expect } from '@jest/globals';
import type { Response } from 'supertest';
import type { FailureKind } from '../../src/failure.js';

/** A time as Aiven's clients read it. */
export const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/** SU-W5: an error of Aiven's dialect is a JSON object with `message` and `errors`, never with `error`. */
export function expectAivenFailure(
  answer: Response,
  expected: { readonly status: number; readonly reason: FailureKind; readonly message?: string },
): void {
  const { status, reason } = expected;
  const message = expected.message ?? expect.stringMatching(/^[^\n]+$/);
  expect(answer.headers['content-type']).toMatch(/^application\/json;/);
  expect({ status: answer.status, body: answer.body }).toEqual({
    status,
    body: {
      message,
      errors: [{ message, status, error_code: reason }],
      requestId: answer.headers['x-request-id'],
    },
  });
}
