import type { Failure } from '../failure.js';
import type { Dialect, Refusal } from '../http/failure-handler.js';
import { usualStatuses } from '../http/usual-statuses.js';
import { sendJson } from '../http/json-answer.js';

/** Errors as the Connector Service words them: `code` and `error`, and `reason` and `requestId` of our own. */
export const connectorDialect: Dialect = {
  statuses: usualStatuses,
  send: (response, refusal) => sendJson(response, refusal.status, describe(refusal)),
};

/** The same for what is not even a request, and so has no id. */
export function describeUnparsable(failure: Failure): { status: number; body: string } {
  const status = usualStatuses[failure.kind];
  return {
    status,
    body: `${JSON.stringify(describe({ status, failure, requestId: '' }))}\n`,
  };
}

function describe({ status, failure, requestId }: Refusal): object {
  return {
    code: status,
    error: failure.message,
    reason: failure.kind,
    ...(failure.detail === undefined ? {} : { detail: failure.detail }),
    ...(requestId === '' ? {} : { requestId }),
  };
}
