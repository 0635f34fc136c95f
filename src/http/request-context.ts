import type { IncomingMessage } from 'node:http';

/** What is known of a request besides its own words. */
export interface RequestContext {
  readonly requestId: string;
  /** Where the request comes from; behind a trusted proxy as the proxy says. */
  readonly address: string;
  /** Monotonic milliseconds at which the request began. */
  readonly startedAt: number;
  /** The route's template, never the path: paths and queries carry tokens. */
  route: string | undefined;
  /** Who asks, as the audit log names it; undefined until identity is judged. */
  actor: string | undefined;
  /** The stable word of the refusal, if it was refused. */
  refusal: string | undefined;
  /** What the path names, by ids of this gateway alone: the audit log says it of a refusal. */
  named: Readonly<Record<string, string>>;
}

const contexts = new WeakMap<IncomingMessage, RequestContext>();

/** Begins the context of a request; called once, by the request log. */
export function beginContext(
  request: IncomingMessage,
  { requestId, address }: Pick<RequestContext, 'requestId' | 'address'>,
): RequestContext {
  const context: RequestContext = {
    requestId,
    address,
    startedAt: performance.now(),
    route: undefined,
    actor: undefined,
    refusal: undefined,
    named: {},
  };
  contexts.set(request, context);
  return context;
}

/** The context of a request; every listener begins one before any route. */
export function contextOf(request: IncomingMessage): RequestContext {
  const context = contexts.get(request);
  if (!context) throw new Error('a request came to a route without a context');
  return context;
}

/** The client's address: of the other end of the connection, or as a trusted proxy there says. */
export function addressOf(request: IncomingMessage): string {
  return contextOf(request).address;
}
