import { IncomingMessage, ServerResponse } from 'node:http';
import express from 'express';
import type { Express } from 'express';

/** Of what classes a server's requests and answers are; one pair for each listener. */
export interface MessageClasses {
  readonly IncomingMessage: typeof IncomingMessage;
  readonly ServerResponse: typeof ServerResponse;
}

/**
 * Classes whose objects are born with express's prototypes. Otherwise express replaces the prototypes on every request,
 * and V8, which then has never seen such an object before, looks each of its properties up the slow way.
 */
export function makeMessageClasses(): MessageClasses {
  class AppRequest extends IncomingMessage {}
  class AppResponse<Request extends IncomingMessage> extends ServerResponse<Request> {}
  Object.setPrototypeOf(AppRequest.prototype, express.request);
  Object.setPrototypeOf(AppResponse.prototype, express.response);
  return { IncomingMessage: AppRequest, ServerResponse: AppResponse };
}

/** Makes an application leave the prototypes of these classes alone. */
export function useMessageClasses(app: Express, classes: MessageClasses): void {
  // The same as express does for the prototypes that it makes itself.
  const { prototype: request } = classes.IncomingMessage;
  const { prototype: response } = classes.ServerResponse;
  for (const prototype of [request, response])
    Object.defineProperty(prototype, 'app', { value: app });
  Object.assign(app, { request, response });
}
