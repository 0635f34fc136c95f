import { isIP } from 'node:net';
import type { Config } from '../config.js';
import { encodeIpAddress, formatIpAddress } from '../pki/ip-address.js';

/** How clients reach the listeners; without trailing slash. */
export interface GatewayUrls {
  readonly gateway: string;
  readonly admin: string;
  readonly pki: string;
}

/** The configured URLs, or `localhost` with the ports that were bound. */
export function gatewayUrls(
  config: Config,
  ports: { readonly gateway: number; readonly admin: number; readonly pki: number },
): GatewayUrls {
  const adminScheme = config.admin.tls ? 'https' : 'http';
  return {
    gateway: config.gateway.url ?? `https://localhost:${String(ports.gateway)}`,
    admin: config.admin.url ?? `${adminScheme}://localhost:${String(ports.admin)}`,
    pki: config.pki.url ?? `http://localhost:${String(ports.pki)}`,
  };
}

/** Every host under which the listeners may be called: of the URLs, of the listen addresses, and localhost. */
export function servedHosts(config: Config): string[] {
  const urls = [config.gateway.url, config.admin.url, config.pki.url, config.internal.url];
  const fromUrls = urls
    .filter((url) => url !== undefined)
    .map((url) => new URL(url).hostname.replace(/^\[|\]$/g, ''));
  const addresses = [config.gateway.listen, config.admin.listen, config.internal.listen];
  const fromListeners = addresses
    .filter((address) => address !== undefined)
    .map(({ host }) => host);
  const hosts = ['localhost', '127.0.0.1', '::1', ...fromUrls, ...fromListeners];
  return [...new Set(hosts.map((host) => host.toLowerCase()))].filter((host) => !isWildcard(host));
}

/** The hosts as a server certificate names them (RFC 5280 4.2.1.6). */
export function certificateHosts(hosts: readonly string[]): {
  dnsNames: string[];
  ipAddresses: string[];
} {
  return {
    dnsNames: hosts.filter((host) => isIP(host) === 0),
    ipAddresses: [...new Set(hosts.filter((host) => isIP(host) !== 0).map(canonicalAddress))],
  };
}

/** As a certificate that is read again spells it (RFC 5952). */
function canonicalAddress(address: string): string {
  return formatIpAddress(encodeIpAddress(address)) ?? address;
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}
