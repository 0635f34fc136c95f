import type { ServerResponse } from 'node:http';
import type { Request, RequestHandler, Response } from 'express';
import { Failure } from '../failure.js';
import { usualStatuses } from '../http/usual-statuses.js';
import { holdPage } from './held-pages.js';
import { formOf } from './own-form.js';
import { redirectTo } from './page.js';
import { queryText } from './query.js';

/** Why a form was not taken, as its page says it. */
export interface Refused {
  readonly problem: string;
  readonly status: number;
}

/**
 * Does what a form asks for; where a Failure refuses it, the page that `showAgain` sends, with what was typed, is the
 * answer. The Failure goes on to the one handler, which counts and records it. What is no Failure flies.
 */
export async function orShowAgain(
  response: ServerResponse,
  work: () => Promise<void>,
  showAgain: (refused: Refused) => void | Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Failure && !response.headersSent) {
      const { message, detail, kind } = error;
      const problem = detail === undefined ? message : `${message} ${detail}`;
      await holdPage(response, () => showAgain({ problem, status: usualStatuses[kind] }));
    }
    throw error;
  }
}

/**
 * The last step of a form: does what was posted and leads on to a page that says so, by a word that it knows; or shows
 * the page of the form again.
 */
export function answerForm(
  act: (request: Request) => Promise<readonly [path: string, said: string]>,
  showAgain: (request: Request, response: Response, refused: Refused) => Promise<void>,
): RequestHandler {
  return (request, response) =>
    orShowAgain(
      response,
      async () => {
        redirectTo(response, ...(await act(request)));
      },
      (refused) => showAgain(request, response, refused),
    );
}

/** What a field holds: as it was posted, else as the address of the page has it. */
export function typedIn(request: Request): (name: string) => string {
  return request.method === 'POST'
    ? (name) => formOf(request).get(name) ?? ''
    : (name) => queryText(request, name);
}

/** Fields of a form as the body that programs send. Browsers end lines as mail does (HTML 4.10.21.4): not kept. */
export function bodyFromForm(request: Request, names: readonly string[]): Uint8Array {
  const form = formOf(request);
  const fields = names.map((name) => [name, form.get(name)?.replaceAll('\r\n', '\n')] as const);
  return Buffer.from(JSON.stringify(Object.fromEntries(fields)));
}
