import { isIP } from 'node:net';
import { encodeIpAddress, formatIpAddress } from '../pki/ip-address.js';
import type { Service } from './service.js';

const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const dnsForm = new RegExp(`^${label}(?:\\.${label})*$`);
const longestName = 253;

/** Whether a text is a DNS name of letters, digits and hyphens (RFC 1123 2.1), in lower case. */
export function isDnsName(text: string): boolean {
  return text.length <= longestName && dnsForm.test(text);
}

/** Whether a text is what a server certificate may name: a host name, `*.` before one, or an IP address. */
export function isNodeHost(text: string): boolean {
  return isAddress(text) || isDnsName(text.toLowerCase().replace(/^\*\./, ''));
}

/** Whether a text is an IP address without a zone. */
export function isAddress(text: string): boolean {
  return isIP(text) !== 0 && !text.includes('%');
}

/** A host in the form in which two are compared: lower case, IPv6 as in RFC 5952. */
export function canonicalHost(text: string): string {
  if (!isAddress(text)) return text.toLowerCase();
  return formatIpAddress(encodeIpAddress(text)) ?? text;
}

/** Further hosts of a service besides the one that clients connect to: `user_config.hosts`. */
export function nodeHostsOf({ userConfig }: Pick<Service, 'userConfig'>): readonly string[] {
  const hosts = userConfig['hosts'];
  if (!Array.isArray(hosts)) return [];
  return hosts.filter((host) => typeof host === 'string').filter(isNodeHost);
}

/** Every host that certificates of a service may name, each once and in its canonical form. */
export function hostsOf(service: Pick<Service, 'host' | 'userConfig'>): readonly string[] {
  const all = [service.host, ...nodeHostsOf(service)].filter(isNodeHost);
  return [...new Set(all.map(canonicalHost))];
}
