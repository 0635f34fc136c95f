import type { Request } from 'express';
import { Failure } from '../failure.js';
import { contextOf } from '../http/request-context.js';
import { usualStatuses } from '../http/usual-statuses.js';
import { callerOf } from '../people/caller.js';

/** Why a form was not done, for the page that shows it again with what was typed. */
export interface Refused {
  readonly problem: string;
  readonly status: number;
}

/** Does what a form asks for; `again` shows its page where that is refused. What is no Failure flies. */
export async function answerForm(
  work: () => Promise<void>,
  again: (refused: Refused) => Promise<void> | void,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    await again({ problem: error.message, status: usualStatuses[error.kind] });
  }
}

/** Who sent the form, as the audit log names it, and by which request. */
export function originOf(request: Request): { readonly actor: string; readonly requestId: string } {
  const { requestId } = contextOf(request);
  return { actor: `user:${callerOf(request).email}`, requestId };
}

/** A word of the query; undefined where it is absent, empty or given twice. */
export function queryWord(request: Request, name: string): string | undefined {
  const text = request.query[name];
  return typeof text === 'string' && text.trim() !== '' ? text.trim() : undefined;
}

/** The sentence of the word with which a form has led here. */
export function saidIn(
  request: Request,
  sentences: Readonly<Record<string, string>>,
): string | undefined {
  const word = queryWord(request, 'said');
  return word !== undefined && Object.hasOwn(sentences, word) ? sentences[word] : undefined;
}
