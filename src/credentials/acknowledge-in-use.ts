import type { RecordedCertificate } from '../authority/certificate-store.js';
import type { AcknowledgeRenewal } from './acknowledge-renewal.js';
import { actorOf } from './find-holder.js';
import type { FindHolder } from './find-holder.js';
import { judgeAcknowledgement } from './holder-policy.js';
import type { ServiceUser } from './service-user.js';

/** The user, and whether this call acknowledged its renewal. */
export type AcknowledgeInUse = (order: {
  readonly certificate: RecordedCertificate;
  readonly requestId: string;
}) => Promise<{ readonly user: ServiceUser; readonly isAcknowledged: boolean }>;

/**
 * Takes the presented certificate for the proof that it is in use, and acknowledges the renewal that made it; nothing
 * changes where none is pending. Throws Failure `state-conflict` for a certificate that is not the renewed one, be it so
 * by a renewal that came meanwhile.
 */
export function makeAcknowledgeInUse(edges: {
  readonly findHolder: FindHolder;
  readonly acknowledgeRenewal: AcknowledgeRenewal;
}): AcknowledgeInUse {
  return async ({ certificate, requestId }) => {
    const { sha256 } = certificate;
    const user = await edges.findHolder(certificate);
    judgeAcknowledgement(user, sha256);
    const order = { user, actor: actorOf(certificate), certificate: sha256, requestId };
    const isAcknowledged = await edges.acknowledgeRenewal(order);
    if (isAcknowledged || !user.pending) return { user, isAcknowledged };
    const changed = await edges.findHolder(certificate);
    judgeAcknowledgement(changed, sha256);
    return { user: changed, isAcknowledged };
  };
}
