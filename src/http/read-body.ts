import type { Request, RequestHandler } from 'express';
import { Failure } from '../failure.js';

/** The largest body that any route reads: 64 KiB. */
const bodyLimit = 65_536;

/**
 * Reads the body as bytes, whatever its content type says: existing clients send form types and none at all. Unlike a
 * body parser it answers an oversized body at once instead of reading it to its end.
 */
export const readBody: RequestHandler = (request, response, next) => {
  const encoding = request.headers['content-encoding'];
  // What is left of a refused body is thrown away, so its connection cannot carry another request.
  const refuse = (failure: Failure): void => {
    response.setHeader('Connection', 'close');
    request.removeAllListeners('data');
    request.resume();
    next(failure);
  };
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    refuse(new Failure('encoding-unsupported', 'Send the request body without compression.'));
    return;
  }
  if (Number(request.headers['content-length'] ?? 0) > bodyLimit) {
    refuse(tooLarge());
    return;
  }
  if (request.headers.expect?.toLowerCase() === '100-continue') response.writeContinue();
  const chunks: Buffer[] = [];
  let length = 0;
  let isRefused = false;
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    chunks.push(chunk);
    if (length <= bodyLimit) return;
    isRefused = true;
    refuse(tooLarge());
  });
  request.once('end', () => {
    if (isRefused) return;
    request.body = Buffer.concat(chunks, length);
    next();
  });
  request.once('error', (cause) => {
    if (!isRefused)
      next(new Failure('body-incomplete', 'The request body ended early.', { cause }));
  });
};

/** The bytes that readBody left; empty where the request had no body. */
export function bodyOf(request: Request): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}

function tooLarge(): Failure {
  return new Failure('body-too-large', 'The request body is larger than 64 KiB.');
}
