import type { CertificateStore } from '../authority/certificate-store.js';
import type { IssueCertificate, IssuedCertificate } from '../authority/issue-certificate.js';
import type { Clock } from '../edges.js';
import { readRequest } from '../pki/certification-request.js';
import { buildSubject } from '../pki/names.js';
import type { SubjectFields } from '../pki/names.js';
import { requireFreeKey } from './key-policy.js';
import { requireSubject } from './subject-policy.js';
import type { EnrolmentToken, TokenStore } from './token-store.js';
import { useToken } from './tokens.js';

export interface EnrolCommand {
  readonly token: EnrolmentToken;
  readonly csr: Uint8Array;
  readonly requestId: string;
}

export type EnrolCertificate = (command: EnrolCommand) => Promise<IssuedCertificate>;

/**
 * The first certificate of an application: its name comes from the token, the rest of the subject from the settings.
 * The token is used up in the transaction that records the certificate, so a failure leaves it good.
 */
export function makeEnrolCertificate(edges: {
  readonly issue: IssueCertificate;
  readonly certificates: Pick<CertificateStore, 'findKey'>;
  readonly tokens: TokenStore;
  readonly clock: Clock;
  readonly subject: Omit<SubjectFields, 'CN'>;
  readonly validitySeconds: number;
}): EnrolCertificate {
  const { issue, certificates, tokens, clock, validitySeconds } = edges;
  return async ({ token, csr, requestId }) => {
    const request = readRequest(csr);
    const subject = buildSubject({ ...edges.subject, CN: token.application });
    requireSubject(request.subject, subject);
    const { spki, spkiSha256 } = request.publicKey;
    await requireFreeKey(certificates, {
      spkiSha256,
      holder: token.application,
      kind: 'application',
    });
    return issue({
      kind: 'application',
      holder: token.application,
      subject,
      publicKey: { spki, spkiSha256 },
      validitySeconds,
      event: {
        action: 'certificate.enrolled',
        actor: `application:${token.application}`,
        requestId,
        detail: { token: token.id, ignored: request.ignored },
      },
      alongside: (trx) => useToken({ store: tokens, clock }, token, trx),
    });
  };
}
