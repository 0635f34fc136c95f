import type { Service } from './service.js';

/** What clients need to trust the servers of a service: the project's CA, or what browsers trust. */
export const clientsTrusts = ['project_ca', 'browser'] as const;
export type ClientsTrust = (typeof clientsTrusts)[number];

/** What clients of a service trust: `user_config.clients_trust`. */
export function clientsTrustOf({ userConfig }: Pick<Service, 'userConfig'>): ClientsTrust {
  return userConfig['clients_trust'] === 'browser' ? 'browser' : 'project_ca';
}

/** The same on the wire, with the certificates where clients do not have them already. */
export function describeClientCa(service: Pick<Service, 'userConfig'>, caPem: string): object {
  const trust = clientsTrustOf(service);
  return { trust, certificate: trust === 'project_ca' ? caPem : null };
}
