import type { Request } from 'express';

/** A text of the query; empty where it is absent or given twice. Without NUL, which PostgreSQL takes in no text. */
export function queryText(request: Pick<Request, 'query'>, name: string): string {
  const text = request.query[name];
  return typeof text === 'string' ? text.replaceAll('\0', '').trim() : '';
}

/** The same; undefined where it is empty. */
export function queryWord(request: Pick<Request, 'query'>, name: string): string | undefined {
  const text = queryText(request, name);
  return text === '' ? undefined : text;
}

/** The sentence of the word with which a form has led here. */
export function saidIn(
  request: Pick<Request, 'query'>,
  sentences: Readonly<Record<string, string>>,
): string | undefined {
  const word = queryText(request, 'said');
  return Object.hasOwn(sentences, word) ? sentences[word] : undefined;
}

/** A path with a query: what is empty is left out. */
export function withQuery(
  path: string,
  query: Readonly<Record<string, string | undefined>>,
): string {
  const given = Object.entries(query).filter(
    (pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== '',
  );
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`;
}
