import { hash } from 'node:crypto';
import type { CertificateStore, RecordedCertificate } from '../authority/certificate-store.js';
import type { IssueCertificate, IssuedCertificate } from '../authority/issue-certificate.js';
import { keyReused, mayReplay } from '../authority/record-certificate.js';
import type { Clock } from '../edges.js';
import { readRequest } from '../pki/certification-request.js';
import { requireFreeKey } from './key-policy.js';
import { requireSubject } from './subject-policy.js';

export interface RenewCommand {
  /** The presented certificate, judged valid on this request. */
  readonly presented: RecordedCertificate;
  readonly csr: Uint8Array;
  readonly requestId: string;
}

export type RenewCertificate = (command: RenewCommand) => Promise<IssuedCertificate>;

/**
 * Renews the presented certificate: the request gives a key and the proof that its sender holds it; holder, kind and
 * subject come from the record. The same request under the same certificate gets the same answer for a day.
 */
export function makeRenewCertificate(edges: {
  readonly issue: IssueCertificate;
  readonly certificates: Pick<CertificateStore, 'findKey' | 'findByReplayKey'>;
  readonly clock: Clock;
  readonly validitySeconds: number;
  readonly keyReuse: 'allow' | 'refuse';
}): RenewCertificate {
  const { issue, certificates, clock, validitySeconds } = edges;
  const needsNewKey = edges.keyReuse === 'refuse';
  return async ({ presented, csr, requestId }) => {
    const request = readRequest(csr);
    requireSubject(request.subject, presented.subject);
    const { kind, holder } = presented;
    const { spki, spkiSha256 } = request.publicKey;
    await requireFreeKey(certificates, { spkiSha256, holder, kind });
    const replayKey = replayKeyOf(presented.sha256, request.sha256);
    const earlier = await certificates.findByReplayKey(replayKey);
    if (earlier && mayReplay(earlier, clock())) return { ...earlier, isReplay: true };
    if (needsNewKey && (await certificates.findKey(spkiSha256))) throw keyReused();
    return issue({
      kind,
      holder,
      subject: presented.subject,
      publicKey: { spki, spkiSha256 },
      validitySeconds,
      predecessor: { sha256: presented.sha256, line: presented.line },
      replayKey,
      needsNewKey,
      event: {
        action: 'certificate.renewed',
        actor: `${kind}:${holder}`,
        requestId,
        detail: { predecessor: presented.sha256, ignored: request.ignored },
      },
    });
  };
}

function replayKeyOf(presentedSha256: string, requestSha256: string): string {
  return hash('sha256', `${presentedSha256} ${requestSha256}`);
}
