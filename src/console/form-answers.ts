import type { Request, RequestHandler, Response } from 'express';
import { Failure } from '../failure.js';
import { usualStatuses } from '../http/usual-statuses.js';

/** Why a form was not taken, as its page says it. */
export interface FormRefusal {
  readonly problem: string;
  readonly status: number;
}

/**
 * The last step of a form's POST: does what it asks for. A refusal shows its page again, with the sentence and the
 * status of the refusal; what was typed is in formOf. What is no Failure flies on.
 */
export function answerForm(edges: {
  readonly act: (request: Request, response: Response) => Promise<void>;
  readonly showAgain: (
    request: Request,
    response: Response,
    refusal: FormRefusal,
  ) => void | Promise<void>;
}): RequestHandler {
  return async (request, response) => {
    try {
      await edges.act(request, response);
    } catch (error) {
      if (!(error instanceof Failure) || response.headersSent) throw error;
      const { message, detail, kind } = error;
      const problem = detail === undefined ? message : `${message} ${detail}`;
      await edges.showAgain(request, response, { problem, status: usualStatuses[kind] });
    }
  };
}
