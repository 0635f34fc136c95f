import type { CertificateStore, RecordedCertificate } from '../authority/certificate-store.js';
import type { IssueCertificate } from '../authority/issue-certificate.js';
import type { LineStore } from '../authority/line-store.js';
import type { Clock } from '../edges.js';
import { Failure } from '../failure.js';
import { readRequest } from '../pki/certification-request.js';
import type { EnrolCertificate } from './enrol-certificate.js';
import { requireFreeKey } from './key-policy.js';
import { requireSubject } from './subject-policy.js';
import type { EnrolmentToken, TokenStore } from './token-store.js';
import { recoveredAlready, useToken } from './tokens.js';

/**
 * The next certificate of a line that has lapsed, for the token that an operator made for it: holder, kind and subject
 * are those of the lapsed certificate. Whether the line may go on is decided again when the certificate is recorded:
 * the lapsed one is unrevoked, no other token brought the line back meanwhile, no compromised key stays in use.
 */
export function makeRecoverCertificate(edges: {
  readonly issue: IssueCertificate;
  readonly certificates: Pick<CertificateStore, 'findBySha256' | 'findKey'>;
  readonly lines: Pick<LineStore, 'hasGoneOn' | 'hasCompromisedKey'>;
  readonly tokens: TokenStore;
  readonly clock: Clock;
  readonly validitySeconds: number;
  readonly keyReuse: 'allow' | 'refuse';
}): EnrolCertificate {
  const { issue, certificates, tokens, clock, validitySeconds } = edges;
  return async ({ token, csr, requestId }) => {
    const lapsed = await findLapsed(certificates, token);
    const request = readRequest(csr);
    requireSubject(request.subject, lapsed.subject);
    const { kind, holder, sha256, line } = lapsed;
    const { spki, spkiSha256 } = request.publicKey;
    await requireFreeKey(certificates, { spkiSha256, holder, kind });
    const isKnownKey = (await certificates.findKey(spkiSha256)) !== undefined;
    return issue({
      kind,
      holder,
      subject: lapsed.subject,
      publicKey: { spki, spkiSha256 },
      validitySeconds,
      predecessor: { sha256, line },
      needsNewKey: edges.keyReuse === 'refuse',
      event: {
        action: 'certificate.recovered',
        actor: `${kind}:${holder}`,
        requestId,
        detail: { token: token.id, predecessor: sha256, ignored: request.ignored },
      },
      alongside: async (trx) => {
        if (await edges.lines.hasGoneOn(lapsed, clock(), trx)) throw recoveredAlready();
        if (isKnownKey && (await edges.lines.hasCompromisedKey(lapsed, trx))) throw keyOfLine();
        await useToken({ store: tokens, clock }, token, trx);
      },
    });
  };
}

/** The certificate that a token continues. Throws the Failure `certificate-revoked` where it has none any more. */
export async function findLapsed(
  certificates: Pick<CertificateStore, 'findBySha256'>,
  token: EnrolmentToken,
): Promise<RecordedCertificate> {
  const lapsed = await certificates.findBySha256(token.predecessor ?? '');
  if (!lapsed) throw new Error(`token ${token.id} continues a certificate that is not on record`);
  if (lapsed.revokedAt === null) return lapsed;
  throw new Failure('certificate-revoked', 'Certificate has been revoked.', {
    detail: 'A revoked line does not go on. Ask the operator of the gateway for a plain token.',
  });
}

function keyOfLine(): Failure {
  return new Failure(
    'key-reused',
    'A new key is needed: a key of this line of certificates was compromised.',
    { detail: 'Make a new key, for example with openssl genpkey, and request again.' },
  );
}
