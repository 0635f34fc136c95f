import type { RecordedCertificate } from '../authority/certificate-store.js';
import type { WayBack } from '../authority/require-holder.js';
import type { ServiceUserStore } from './service-user-store.js';
import { serviceUserOfHolder, userUnknown } from './service-user.js';
import type { ServiceUser } from './service-user.js';

/** The service user of a certificate. Throws Failure `resource-unknown` where it was deleted meanwhile. */
export type FindHolder = (certificate: RecordedCertificate) => Promise<ServiceUser>;

/** As the record has it now. */
export function makeFindHolder(users: Pick<ServiceUserStore, 'find'>): FindHolder {
  return async (certificate) => {
    const name = serviceUserOfHolder(certificate);
    const user = name && (await users.find(name));
    if (!user) throw userUnknown();
    return user;
  };
}

/** The certificate as the actor of an audit event. */
export function actorOf({ holder }: RecordedCertificate): string {
  return `holder:${holder}`;
}

/** The way back of a service user. */
export const askForCredentials: WayBack = () =>
  'Ask an operator of the project for new credentials: everleaf user reset PROJECT SERVICE USER.';
