import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ErrorRequestHandler } from 'express';
import type { Log } from '../edges.js';
import type { FailureKind } from '../failure.js';
import { Failure } from '../failure.js';
import { contextOf } from './request-context.js';
import type { RequestContext } from './request-context.js';

/** A failure on its way to the client, with its status in the dialect. */
export interface Refusal {
  readonly status: number;
  readonly failure: Failure;
  readonly requestId: string;
}

/** How one dialect words its errors. */
export interface Dialect {
  /** Exhaustive, so that a new kind does not compile until every dialect names it. */
  readonly statuses: Readonly<Record<FailureKind, number>>;
  /** Sends the answer: its words, their content type, and the headers that its status asks for. */
  readonly send: (response: ServerResponse, refusal: Refusal) => void;
}

export interface FailureHandlerEdges {
  /** Whose words an answer has, by what was asked for: not every request comes as far as a router. */
  readonly dialectFor: (request: Pick<IncomingMessage, 'url' | 'headers'>) => Dialect;
  readonly log: Log;
  readonly countRefused: (reason: string) => void;
  /** Puts a refusal into the audit log; its own trouble must not change the answer. */
  readonly recordRefusal: (
    failure: Failure,
    context: RequestContext,
    address: string,
  ) => Promise<void>;
  /** Whether an error of a library means that the database does not answer. */
  readonly isUnavailable: (error: unknown) => boolean;
}

/** The one place where an error becomes an answer. What is no Failure is a fault of ours: 500, cause in the log, once. */
export function makeFailureHandler(edges: FailureHandlerEdges): ErrorRequestHandler {
  return async (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const context = contextOf(request);
    const failure = toFailure(error, edges.isUnavailable);
    context.refusal = failure.kind;
    edges.countRefused(failure.kind);
    const dialect = edges.dialectFor(request);
    const status = dialect.statuses[failure.kind];
    if (status >= 500) {
      edges.log.error(
        { requestId: context.requestId, route: context.route, err: failure.cause },
        failure.message,
      );
    } else {
      await edges.recordRefusal(failure, context, context.address).catch((cause: unknown) => {
        edges.log.error(
          { requestId: context.requestId, err: cause },
          'a refusal could not be put into the audit log',
        );
      });
    }
    if (failure.retryAfterSeconds !== undefined)
      response.setHeader('Retry-After', failure.retryAfterSeconds);
    dialect.send(response, { status, failure, requestId: context.requestId });
  };
}

function toFailure(error: unknown, isUnavailable: (error: unknown) => boolean): Failure {
  if (error instanceof Failure) return error;
  if (isUnavailable(error)) {
    return new Failure('unavailable', 'The database does not answer: try again later.', {
      cause: error,
      retryAfterSeconds: 5,
    });
  }
  return new Failure(
    'internal',
    'The gateway failed to answer: its log says why, under this request id.',
    {
      cause: error,
    },
  );
}
