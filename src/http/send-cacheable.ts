import type { Request, Response } from 'express';

/** Bytes that caches may keep; times in seconds UTC. */
export interface CacheableAnswer {
  readonly contentType: string;
  readonly body: Buffer;
  /** Names these very bytes among all that the path ever serves; without quotes. */
  readonly version: string;
  /** Only where no other version can have the same time: it is told in whole seconds. */
  readonly lastModified: number | undefined;
  readonly maxAge: number;
  /** Besides max-age. */
  readonly directives: string;
  readonly now: number;
}

/** Sends the answer, or 304 to whoever has it already (RFC 9110 13.1, 15.4.5). */
export function sendCacheable(request: Request, response: Response, answer: CacheableAnswer): void {
  const { body, version, lastModified, maxAge, now } = answer;
  const etag = `"${version}"`;
  response.setHeader('ETag', etag);
  if (lastModified !== undefined) response.setHeader('Last-Modified', httpDate(lastModified));
  response.setHeader('Cache-Control', `public, max-age=${maxAge}, ${answer.directives}`);
  response.setHeader('Expires', httpDate(now + maxAge));
  if (isKnown(request, { etag, lastModified })) {
    response.statusCode = 304;
    response.end();
    return;
  }
  response.setHeader('Content-Type', answer.contentType);
  response.setHeader('Content-Length', body.length);
  response.end(body);
}

/**
 * By the entity tag alone where the request has one (RFC 9110 13.2.2). A date counts only when it is the very one that
 * was sent: a client whose own clock is ahead must not go without a newer version.
 */
function isKnown(
  { headers }: Request,
  current: { readonly etag: string; readonly lastModified: number | undefined },
): boolean {
  const tags = headers['if-none-match'];
  if (tags !== undefined) {
    const known = tags.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
    return known.includes(current.etag) || known.includes('*');
  }
  const date = headers['if-modified-since'];
  if (date === undefined || current.lastModified === undefined) return false;
  return Date.parse(date) === current.lastModified * 1000;
}

/** A time as HTTP writes it (RFC 9110 5.6.7). */
export function httpDate(seconds: number): string {
  return new Date(seconds * 1000).toUTCString();
}
