import type { Dialect, Refusal } from '../http/failure-handler.js';
import { usualStatuses } from '../http/usual-statuses.js';
import { sendText } from '../http/text-answer.js';

const statuses = {
  ...usualStatuses,
  'token-missing': 401,
  'token-unknown': 401,
  'token-used': 401,
  'token-expired': 401,
};

const challenge = 'Basic realm="Everleaf enrolment", charset="UTF-8"';

/**
 * Errors as EST wants them, text for people (RFC 7030 4.2.3). A 401 has to name a scheme
 * (RFC 9110 15.5.2), and there is but one (RFC 7617), also where a certificate is missing.
 */
export const estDialect: Dialect = {
  statuses,
  send: (response, refusal) => {
    const { status } = refusal;
    if (status === 401) response.setHeader('WWW-Authenticate', challenge);
    sendText(response, {
      status,
      contentType: 'text/plain; charset=utf-8',
      text: describe(refusal),
    });
  },
};

/** Whether the URL is one of EST's, served or not (RFC 7030 3.2.2). */
export function isEstUrl(url: string): boolean {
  return /^\/\.well-known\/est(?:[/?]|$)/.test(url);
}

function describe({ failure, requestId }: Refusal): string {
  const lines = [failure.message, failure.detail, `Request id: ${requestId}`];
  return lines.map((line) => (line === undefined ? '' : `${line}\n`)).join('');
}
