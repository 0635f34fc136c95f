import express from 'express';
import type { ErrorRequestHandler, Express, RequestHandler, Router } from 'express';
import helmet from 'helmet';
import { useMessageClasses } from './message-classes.js';
import type { MessageClasses } from './message-classes.js';
import { makeCleanRequest, refuseUnknownPath } from './routing.js';
import type { DoubledSlashes } from './routing.js';

/**
 * One listener's application: log -> security headers -> clean request -> the routers in their order -> 404 -> the
 * dialect's errors. The routes judge identity themselves, each by its own rule.
 */
export function makeApp(parts: {
  /** Those of the listener. */
  readonly messageClasses: MessageClasses;
  readonly logRequests: RequestHandler;
  /** What becomes of `//` in the path of a URL. */
  readonly slashesIn: (url: string) => DoubledSlashes;
  readonly routers: readonly Router[];
  readonly handleFailure: ErrorRequestHandler;
}): Express {
  const app = express();
  useMessageClasses(app, parts.messageClasses);
  app.disable('etag');
  app.disable('x-powered-by');
  app.set('strict routing', true);
  app.set('case sensitive routing', true);
  app.set('query parser', 'simple');
  app.use(parts.logRequests);
  app.use(
    helmet({
      contentSecurityPolicy: { directives: { defaultSrc: ["'none'"] }, useDefaults: false },
      // Only the console is for browsers, and plain HTTP must stay possible for revocation lists.
      strictTransportSecurity: false,
    }),
  );
  app.use(makeCleanRequest({ slashesIn: parts.slashesIn }));
  for (const router of parts.routers) app.use(router);
  app.use(refuseUnknownPath);
  app.use(parts.handleFailure);
  return app;
}
