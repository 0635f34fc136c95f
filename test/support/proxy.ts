import type { Test } from 'supertest';
import { call } from './gateway.js';
import type { Holder, TestGateway } from './gateway.js';
import { signOutside } from './openssl-authority.js';

/** The route that tells whom the gateway takes the client for. */
export const infoPath = '/v1/applications/management/info';

/** Settings under which the test itself is the proxy. */
export const trustsThisMachine = { EVERLEAF_GATEWAY_PROXIES: '127.0.0.1' };

/** A proxy's own client certificate, self-signed, with the setting that pins it. */
export async function makeProxyPair(
  folder: string,
): Promise<{ readonly own: Holder; readonly settings: Readonly<Record<string, string>> }> {
  const own = await signOutside({ folder, subject: '/CN=proxy' });
  return { own, settings: { EVERLEAF_GATEWAY_PROXIES: `127.0.0.1=${own.sha256}` } };
}

/** `Cert="..."` of X-Forwarded-Client-Cert. */
export function certPair({ certPem }: Pick<Holder, 'certPem'>): string {
  return `Cert="${encodeURIComponent(certPem)}"`;
}

/** The value of a Client-Cert header (RFC 9440). */
export function clientCertOf({ certPem }: Pick<Holder, 'certPem'>): string {
  return `:${certPem.replace(/-----[A-Z ]+-----|\s/g, '')}:`;
}

/** Asks, as a proxy without a certificate of its own, whom the gateway takes the client for. */
export function askWith(gateway: TestGateway, value: string | readonly string[]): Test {
  // Node sends one line for each value of a list.
  return call(gateway, 'get', infoPath).set('X-Forwarded-Client-Cert', value as string);
}
