import type { IncomingMessage } from 'node:http';
import { BlockList, isIPv4, isIPv6 } from 'node:net';
import type { Socket } from 'node:net';
import { presentedCertificate } from './presented-certificate.js';

/** Addresses that share their first `prefix` bits, and the proxy's own certificate where it is pinned. */
export interface ProxyRule {
  readonly address: string;
  readonly prefix: number;
  /** Lower-case hex. */
  readonly sha256: string | undefined;
}

/** `not-proven`: from the address of a pinned proxy, without its certificate. */
export type ProxyStanding = 'trusted' | 'not-proven' | 'no-proxy';

/** Whether a request comes from a proxy whose headers count. */
export type JudgeProxy = (request: IncomingMessage) => ProxyStanding;

/**
 * Judges by the other end of the connection and nothing that is sent on it. Where any rule that covers an address is
 * pinned, one of the pinned certificates must be presented there.
 */
export function makeJudgeProxy(proxies: readonly ProxyRule[]): JudgeProxy {
  if (proxies.length === 0) return () => 'no-proxy';
  const rules = proxies.map((rule) => ({ covers: makeCovers(rule), sha256: rule.sha256 }));
  // Neither the address of a connection nor its certificate can change.
  const standings = new WeakMap<Socket, ProxyStanding>();
  return (request) => {
    const known = standings.get(request.socket);
    if (known) return known;
    const { remoteAddress } = request.socket;
    // The connection is gone. Its certificate may be that of a proxy, so it names nobody.
    if (remoteAddress === undefined) return 'not-proven';
    const address = withoutMapping(remoteAddress);
    const pins = rules.filter(({ covers }) => covers(address)).map(({ sha256 }) => sha256);
    const standing = standingBy(pins, request);
    standings.set(request.socket, standing);
    return standing;
  };
}

function standingBy(
  pins: readonly (string | undefined)[],
  request: IncomingMessage,
): ProxyStanding {
  if (pins.length === 0) return 'no-proxy';
  const pinned = pins.filter((pin) => pin !== undefined);
  if (pinned.length === 0) return 'trusted';
  const own = presentedCertificate(request);
  return own !== undefined && pinned.includes(own.sha256) ? 'trusted' : 'not-proven';
}

/** A block of one family covers nothing of the other. */
function makeCovers({ address, prefix }: ProxyRule): (other: string) => boolean {
  const family = familyOf(address);
  const block = new BlockList();
  block.addSubnet(address, prefix, family);
  return (other) => familyOf(other) === family && block.check(other, family);
}

/** A listener of both families sees IPv4 addresses as `::ffff:192.0.2.1` (RFC 4291 2.5.5.2). */
function withoutMapping(address: string): string {
  const mapped = address.slice('::ffff:'.length);
  return address.startsWith('::ffff:') && isIPv4(mapped) ? mapped : address;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}
