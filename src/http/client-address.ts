import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { JudgeProxy } from './judge-proxy.js';

/** The address that limits, logs and audit events go by. */
export type ClientAddress = (request: IncomingMessage) => string;

/**
 * The other end of the connection; behind a trusted proxy element number `hops` of X-Forwarded-For, from the right.
 * What stands further left is the client's own word. Where that element is no address, the proxy's counts.
 */
export function makeClientAddress(edges: {
  readonly judgeProxy: JudgeProxy;
  readonly hops: number;
}): ClientAddress {
  return (request) => {
    const address = request.socket.remoteAddress ?? 'unknown';
    if (edges.judgeProxy(request) !== 'trusted') return address;
    const list = request.headersDistinct['x-forwarded-for']?.join(',').split(',') ?? [];
    const forwarded = list.at(-edges.hops)?.trim() ?? '';
    return isIP(forwarded) === 0 || forwarded.includes('%') ? address : forwarded;
  };
}
