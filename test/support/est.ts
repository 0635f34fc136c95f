import { expect } from '@jest/globals';
import type { Response, Test } from 'supertest';
import { encodePem } from '../../src/pki/pem.js';
import { call, subjectOf } from './gateway.js';
import type { Holder, TestGateway } from './gateway.js';
import { makeRequest } from './requests.js';
import type { RequestInput } from './requests.js';
import { outputOf } from './run.js';

export const estPath = '/.well-known/est';

/** What an EST client sends: base64 of the DER of a certification request. */
export function pkcs10(input: RequestInput): string {
  return Buffer.from(makeRequest(input).der).toString('base64');
}

/** A request to simpleenroll with HTTP Basic. */
export function simpleEnroll(
  gateway: TestGateway,
  credentials: { readonly name?: string; readonly token: string },
  body: string | Buffer,
): Test {
  return call(gateway, 'post', `${estPath}/simpleenroll`)
    .auth(credentials.name ?? 'app', credentials.token)
    .set('Content-Type', 'application/pkcs10')
    .send(body);
}

/** A request to simplereenroll over mutual TLS, by default with the holder's own key and subject. */
export function simpleReenroll(
  gateway: TestGateway,
  holder: Holder,
  body: string | Buffer = pkcs10({ key: holder.key, subject: subjectOf(holder.application) }),
): Test {
  return call(gateway, 'post', `${estPath}/simplereenroll`, holder)
    .set('Content-Type', 'application/pkcs10')
    .send(body);
}

/** The certificates in an answer, as `openssl pkcs7` reads them, each as PEM. */
export async function certificatesIn(text: string): Promise<readonly string[]> {
  const input = encodePem('PKCS7', Buffer.from(text, 'base64'));
  const printed = await outputOf(['openssl', 'pkcs7', '-print_certs'], { input });
  return printed.match(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g) ?? [];
}

/** A refusal in EST's form: text of these lines and no other, the last one the request id. */
export function expectEstRefusal(
  answer: Response,
  expected: { readonly status: number; readonly lines: readonly (string | RegExp)[] },
): void {
  const [id, ...lines] = answer.text.replace(/\n$/, '').split('\n').reverse();
  expect(lines.reverse()).toEqual(
    expected.lines.map((line) => (typeof line === 'string' ? line : expect.stringMatching(line))),
  );
  expect(id).toBe(`Request id: ${String(answer.headers['x-request-id'])}`);
  expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
  expect(answer.headers['www-authenticate']).toBe(
    expected.status === 401 ? 'Basic realm="Everleaf enrolment", charset="UTF-8"' : undefined,
  );
  expect(answer.status).toBe(expected.status);
}
