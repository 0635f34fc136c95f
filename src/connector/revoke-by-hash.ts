import type { CertificateStore } from '../authority/certificate-store.js';
import type { DenyCertificates } from '../authority/deny-certificates.js';
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
 * as in the original it is no error, and the certificate is never adopted.
 */
export function makeRevokeByHash(edges: {
  readonly certificates: Pick<CertificateStore, 'findBySha256'>;
  readonly revoke: RevokeCertificate;
  readonly deny: DenyCertificates;
}): RevokeByHash {
  return async ({ sha256, reason, actor, requestId }) => {
    const certificate = await edges.certificates.findBySha256(sha256);
    if (certificate) {
      await edges.revoke({ certificate, reason, actor, requestId });
      return;
    }
    await edges.deny({ sha256s: [sha256], reason, actor, requestId });
  };
}
