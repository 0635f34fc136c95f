import { expect } from '@jest/globals';
import type { Response } from 'supertest';
import type { FailureKind } from '../../src/failure.js';
import { call, csrBody, subjectOf } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { rowCounts } from '../support/record.js';
import { makeKey } from '../support/requests.js';

export const infoPath = '/v1/applications/signingRequests/info';
export const certificatesPath = '/v1/applications/certificates';
export const managementPath = '/v1/applications/management/info';
export const renewalsPath = '/v1/applications/certificates/renewals';
export const revocationsPath = '/v1/applications/certificates/revocations';
export const tokensPath = '/v1/applications/tokens';

/** An answer of the dialect: this content type to the letter, and a line feed at the end of what is not empty. */
export function expectJsonForm(answer: Response): void {
  expect(answer.headers['content-type']).toBe('application/json;charset=UTF-8');
  expect(answer.text).toMatch(/^$|\}\n$/);
}

/** A refusal in the dialect's form, keys in their order; `detail` only where it is expected to be there. */
export function expectFailure(
  answer: Response,
  expected: {
    readonly status: number;
    readonly reason: FailureKind;
    readonly error: string;
    readonly detail?: string | RegExp;
  },
): void {
  const { status, reason, error, detail } = expected;
  expectJsonForm(answer);
  expect({ status: answer.status, body: answer.body }).toEqual({
    status,
    body: {
      code: status,
      error,
      reason,
      ...(detail === undefined ? {} : { detail: expect.stringMatching(detail) }),
      requestId: answer.headers['x-request-id'],
    },
  });
  const keys = ['code', 'error', 'reason', 'detail', 'requestId'];
  expect(Object.keys(answer.body)).toEqual(
    keys.filter((key) => key !== 'detail' || detail !== undefined),
  );
}

/** The info document for a token. */
export async function askInfo(gateway: TestGateway, token: string): Promise<Response> {
  return await call(gateway, 'get', `${infoPath}?token=${token}`);
}

/** A first certificate for a token, with a new key and the right subject unless a body is given. */
export async function enrol(
  gateway: TestGateway,
  token: string,
  body: string = csrBody({ key: makeKey('prime256v1'), subject: subjectOf('app') }),
): Promise<Response> {
  return await call(gateway, 'post', `${certificatesPath}?token=${token}`).send(body);
}

/** How many tokens there are on record. */
export async function tokensOnRecord(gateway: TestGateway): Promise<number> {
  return (await rowCounts(gateway))['enrolment_tokens'] ?? 0;
}
