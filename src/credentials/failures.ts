import type { Dialect } from '../http/failure-handler.js';
import { sendJson } from '../http/json-answer.js';
import { usualStatuses } from '../http/usual-statuses.js';

/**
 * Errors as Aiven's clients read them: always a JSON object, `message` for people. Some of them match on the text, so
 * the 404 of a service never reads `Service NAME does not exist`: a Go client would try again for a minute.
 */
export const aivenDialect: Dialect = {
  statuses: usualStatuses,
  send: (response, { status, failure, requestId }) => {
    const message =
      failure.detail === undefined ? failure.message : `${failure.message} ${failure.detail}`;
    sendJson(response, status, {
      message,
      errors: [{ message, status, error_code: failure.kind }],
      requestId,
    });
  },
};

/** The admin listener speaks this dialect but for the Connector Service's internal API and the metrics. */
export function isAivenUrl(url: string): boolean {
  return /^\/+v[12]\//.test(url) && !/^\/+v1\/+(?:applications|runtimes)(?:[/?]|$)/.test(url);
}
