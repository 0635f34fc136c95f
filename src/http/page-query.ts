import type { Request } from 'express';
import { Failure } from '../failure.js';

/** How many rows a page of a list has at most. */
export const longestPage = 1000;

/** `limit` of a list's query, 1 to 1000; `usual` where it is left out. Throws Failure `field-invalid`. */
export function readLimit({ query }: Pick<Request, 'query'>, usual: number): number {
  const text = query['limit'] ?? String(usual);
  if (typeof text === 'string' && /^[1-9][0-9]{0,3}$/.test(text) && Number(text) <= longestPage)
    return Number(text);
  throw new Failure(
    'field-invalid',
    `limit has to be a whole number from 1 to ${String(longestPage)}.`,
  );
}
