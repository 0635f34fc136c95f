import type { ServerResponse } from 'node:http';
import type { Request } from 'express';
import type { Refusal } from '../http/failure-handler.js';
import { Failure } from '../failure.js';
import { formOf } from './own-form.js';

/** Shows a page again, with what was typed and why it was refused. */
export type ShowAgain = (refused: { readonly problem: string; readonly status: number }) => void;

const pages = new WeakMap<ServerResponse, ShowAgain>();

/**
 * Does what was asked for; where a Failure refuses it, the page that `prepare` makes is the answer. The Failure goes on
 * to the one handler, which counts and records it.
 */
export async function orShowAgain(
  response: ServerResponse,
  work: () => Promise<void>,
  prepare: () => ShowAgain | Promise<ShowAgain>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Failure) pages.set(response, await prepare());
    throw error;
  }
}

/** Shows the page that was prepared for a refusal; false where there is none. */
export function showRefused(response: ServerResponse, { status, failure }: Refusal): boolean {
  const show = pages.get(response);
  if (!show) return false;
  const { message, detail } = failure;
  show({ status, problem: detail === undefined ? message : `${message} ${detail}` });
  return true;
}

/** Fields of a form as the body that programs send. Browsers end lines as mail does (HTML 4.10.21.4): not kept. */
export function bodyFromForm(request: Request, names: readonly string[]): Uint8Array {
  const form = formOf(request);
  const fields = names.map((name) => [name, form.get(name)?.replaceAll('\r\n', '\n')] as const);
  return Buffer.from(JSON.stringify(Object.fromEntries(fields)));
}
