import type { RecordEvent } from '../authority/audit.js';
import type { CertificateStore } from '../authority/certificate-store.js';
import type { DeniedCertificates } from '../authority/denied-certificates.js';
import type { RevokeCertificate } from '../authority/revoke-certificate.js';
import type { RevocationReason } from '../pki/revocation-reason.js';

export type RevokeByHash = (order: {
  readonly sha256: string;
  readonly reason: RevocationReason;
  readonly actor: string;
  readonly requestId: string;
}) => Promise<void>;

/**
 * The operator's revocation of any certificate by its SHA-256. A hash that is not on record is remembered as denied:
 * as in the original it is no error. Nobody is let in with a certificate that is not on record; the note is for the
 * day when certificates from elsewhere can be taken onto it.
 */
export function makeRevokeByHash(edges: {
  readonly certificates: Pick<CertificateStore, 'findBySha256'>;
  readonly revoke: RevokeCertificate;
  readonly denied: DeniedCertificates;
  readonly recordEvent: RecordEvent;
}): RevokeByHash {
  return async ({ sha256, reason, actor, requestId }) => {
    const certificate = await edges.certificates.findBySha256(sha256);
    if (certificate) {
      await edges.revoke({ certificate, reason, actor, requestId });
      return;
    }
    if (!(await edges.denied.add({ sha256, reason }))) return;
    await edges.recordEvent({
      action: 'certificate.denied',
      actor,
      certificate: sha256,
      requestId,
      detail: { reason },
    });
  };
}
