import type { CertificateStore } from '../authority/certificate-store.js';
import type { IssueCertificate, IssuedCertificate } from '../authority/issue-certificate.js';
import type { Clock } from '../edges.js';
import { readRequest } from '../pki/certification-request.js';
import { buildSubject } from '../pki/names.js';
import type { SubjectFields } from '../pki/names.js';
import { actorName, holderName, subjectFieldsOf } from './client.js';
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
 * The first certificate of a client: its names come from the token, the rest of the subject from the settings. A token
 * that is bound to a lapsed certificate continues that one's line instead. The token is used up in the transaction
 * that records the certificate, so a failure leaves it good.
 */
export function makeEnrolCertificate(edges: {
  readonly issue: IssueCertificate;
  readonly certificates: Pick<CertificateStore, 'findKey'>;
  readonly tokens: TokenStore;
  readonly clock: Clock;
  readonly subject: Omit<SubjectFields, 'CN'>;
  readonly validitySeconds: number;
  readonly recover: EnrolCertificate;
}): EnrolCertificate {
  const { issue, certificates, tokens, clock, validitySeconds, recover } = edges;
  return async (command) => {
    const { token, csr, requestId } = command;
    if (token.predecessor !== null) return recover(command);
    const { kind } = token;
    const holder = holderName(token);
    const request = readRequest(csr);
    const subject = buildSubject(subjectFieldsOf(token, edges.subject));
    requireSubject(request.subject, subject);
    const { spki, spkiSha256 } = request.publicKey;
    await requireFreeKey(certificates, { spkiSha256, holder, kind });
    return issue({
      kind,
      holder,
      subject,
      publicKey: { spki, spkiSha256 },
      validitySeconds,
      event: {
        action: 'certificate.enrolled',
        actor: actorName(token),
        requestId,
        detail: { token: token.id, ignored: request.ignored },
      },
      alongside: (trx) => useToken({ store: tokens, clock }, token, trx),
    });
  };
}
