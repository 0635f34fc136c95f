import { lookup } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { DeliveryFault } from './deliver-announcements.js';

/** What the IANA registries of special-purpose addresses (RFC 6890) do not call globally reachable. */
const special4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const;

/** Within 2000::/3; everything outside of it is special. 6to4 and Teredo lead to IPv4 addresses. */
const special6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const;

/** Whether an IP address can be that of anybody in the Internet. A name is no address. */
export type IsPublicAddress = (address: string) => boolean;

/** By the registries of special-purpose addresses. */
export function makeIsPublicAddress(): IsPublicAddress {
  const special = new BlockList();
  for (const [net, prefix] of special4) special.addSubnet(net, prefix, 'ipv4');
  for (const [net, prefix] of special6) special.addSubnet(net, prefix, 'ipv6');
  const unicast6 = new BlockList();
  unicast6.addSubnet('2000::', 3, 'ipv6');
  return (address) => {
    if (isIP(address) === 4) return !special.check(address, 'ipv4');
    if (isIP(address) !== 6 || address.includes('%')) return false;
    return unicast6.check(address, 'ipv6') && !special.check(address, 'ipv6');
  };
}

/**
 * Looks a name up for one connection and refuses it unless all of its addresses are public: the very addresses that
 * were judged are connected to, so a name cannot change in between.
 */
export function makePublicLookup(isPublic: IsPublicAddress): LookupFunction {
  return (hostname, options, done) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) {
        done(error, '', 0);
        return;
      }
      const [first] = addresses;
      if (!first || !addresses.every(({ address }) => isPublic(address)))
        done(privateAddress(), '', 0);
      else if (options.all === true) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
}

function privateAddress(): DeliveryFault {
  return new DeliveryFault(
    'its host has a loopback or private address: EVERLEAF_WEBHOOK_PRIVATE=on allows that',
  );
}
