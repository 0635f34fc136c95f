import type { Request } from 'express';

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
