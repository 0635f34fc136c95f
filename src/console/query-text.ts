import type { Request } from 'express';

/** What a page was asked to look for; empty where it was not asked. */
export function queryText(request: Pick<Request, 'query'>, name: string): string {
  const text = request.query[name];
  return typeof text === 'string' ? text.trim() : '';
}

/** The same for a reader that knows what is left out. */
export function orNothing(text: string): string | undefined {
  return text === '' ? undefined : text;
}

/** A path with a query: what is empty is left out. */
export function withQuery(path: string, query: Readonly<Record<string, string>>): string {
  const given = Object.entries(query).filter(([, text]) => text !== '');
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`;
}
