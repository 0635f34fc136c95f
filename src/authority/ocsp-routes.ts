import { createHash } from 'node:crypto';
import { Router } from 'express';
import type { ErrorRequestHandler, Request, Response } from 'express';
import type { Log } from '../edges.js';
import { Failure } from '../failure.js';
import { bodyOf, readBody } from '../http/read-body.js';
import { contextOf } from '../http/request-context.js';
import { mountPath } from '../http/routing.js';
import { httpDate } from '../http/send-cacheable.js';
import { decodeBase64 } from '../pki/base64.js';
import { encodeOcspError } from '../pki/ocsp-response.js';
import type { OcspError } from '../pki/ocsp-response.js';
import { isUnavailable } from '../storage/database-errors.js';
import type { AnswerOcsp, OcspAnswer } from './answer-ocsp.js';

const path = '/pki/ocsp';

/** How long a cache may keep an answer: a revocation must not hide behind one for longer. */
const cacheSeconds = 60;

/**
 * OCSP over HTTP (RFC 6960 appendix A.1). Whatever OCSP itself can say is a 200 of its media type; a wrong method or
 * an oversized body is answered as everywhere else.
 */
export function makeOcspRoutes(edges: {
  readonly answerOcsp: AnswerOcsp;
  readonly log: Log;
}): Router {
  const { answerOcsp, log } = edges;
  const router = Router({ strict: true, caseSensitive: true });
  mountPath(router, path, {
    post: [
      readBody,
      async (request, response) => {
        sendAnswer(request, response, await answerOcsp(bodyOf(request)));
      },
    ],
  });
  mountPath(router, `${path}/*request`, {
    get: [
      async (request, response) => {
        // Base64 has slashes of its own, encoded or not: all that follows the path belongs to it.
        const bytes = decodeBase64(decodeURIComponent(request.path.slice(path.length + 1)));
        const answer = bytes && (await answerOcsp(bytes));
        sendAnswer(request, response, answer ?? { error: 'malformedRequest' });
      },
    ],
  });
  router.use(makeFaultHandler(log));
  return router;
}

/** A fault of ours, in OCSP's own words; the cause goes to the log, once. */
function makeFaultHandler(log: Log): ErrorRequestHandler {
  return (fault: unknown, request, response, next) => {
    if (response.headersSent || (fault instanceof Failure && fault.kind !== 'authority-ending')) {
      next(fault);
      return;
    }
    const { requestId, route } = contextOf(request);
    log.error({ requestId, route, err: fault }, 'an OCSP request could not be answered');
    const isPassing = fault instanceof Failure || isUnavailable(fault);
    sendAnswer(request, response, { error: isPassing ? 'tryLater' : 'internalError' });
  };
}

function sendAnswer(request: Request, response: Response, answer: OcspAnswer): void {
  if ('error' in answer) {
    contextOf(request).refusal = answer.error;
    send(response, encodeOcspError(answer.error));
    return;
  }
  if (request.method === 'GET' && !answer.hasNonce) allowCaching(response, answer);
  send(response, answer.der);
}

/** The headers of RFC 5019 6.2, but with an end that is nearer than nextUpdate. */
function allowCaching(response: Response, answer: Exclude<OcspAnswer, { error: OcspError }>): void {
  const { der, thisUpdate, nextUpdate } = answer;
  const seconds = Math.min(cacheSeconds, nextUpdate - thisUpdate);
  response.setHeader(
    'Cache-Control',
    `max-age=${String(seconds)}, public, no-transform, must-revalidate`,
  );
  response.setHeader('ETag', `"${createHash('sha1').update(der).digest('hex')}"`);
  response.setHeader('Last-Modified', httpDate(thisUpdate));
  response.setHeader('Expires', httpDate(thisUpdate + seconds));
}

/** Not by express, which would answer a conditional request with 304 as long as the second is the same. */
function send(response: Response, der: Uint8Array): void {
  if (!response.hasHeader('Cache-Control')) response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Content-Type', 'application/ocsp-response');
  response.setHeader('Content-Length', der.length);
  response.end(der);
}
