import { hash } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { AuditEvent } from '../authority/audit.js';
import type { Authority } from '../authority/authority.js';
import type { CertificateStore } from '../authority/certificate-store.js';
import type { IssueCertificate } from '../authority/issue-certificate.js';
import { generateKey, makeSigner } from '../pki/authority-key.js';
import type { AuthorityKeyType } from '../pki/authority-key.js';
import { buildSubject } from '../pki/names.js';
import type { Schema } from '../storage/schema.js';
import type { Secrets } from './secrets.js';
import { holderOfServiceUser } from './service-user.js';
import type { CurrentPair, ServiceUser, ServiceUserName } from './service-user.js';

export interface PairOrder {
  readonly user: ServiceUserName & Pick<ServiceUser, 'id'>;
  readonly validitySeconds: number;
  /** SHA-256 of the certificate that this one follows. */
  readonly follows?: string | undefined;
  readonly event: Omit<AuditEvent, 'holder' | 'certificate' | 'project' | 'service'>;
  /** The change of the user that must stand or fall with the certificate. */
  readonly alongside: (trx: Transaction<Schema>, pair: CurrentPair) => Promise<void>;
}

/** A new key and its certificate by the project's authority, on record. */
export type IssuePair = (order: PairOrder) => Promise<CurrentPair>;

/**
 * Makes a key off the main thread and outside of any transaction, certifies it under the user's unchanging subject, and
 * records both with the user's own change: certificate, sealed key and user are never half-done.
 */
export function makeIssuePair(edges: {
  readonly issue: IssueCertificate;
  readonly activeAuthority: (project: string) => Promise<Authority>;
  readonly certificates: Pick<CertificateStore, 'findBySha256'>;
  readonly secrets: Pick<Secrets, 'sealKey'>;
  readonly keyType: AuthorityKeyType;
}): IssuePair {
  const { issue, secrets, keyType } = edges;
  return async ({ user, validitySeconds, follows, event, alongside }) => {
    const { project, service, username } = user;
    const key = await generateKey(keyType);
    const { spki } = makeSigner(key);
    const sealedKey = secrets.sealKey(key, user.id);
    const toPair = (issued: {
      sha256: string;
      der: Uint8Array;
      notAfter: number;
    }): CurrentPair => ({
      sha256: issued.sha256,
      certificate: Buffer.from(issued.der).toString('base64'),
      sealedKey,
      notAfter: issued.notAfter,
    });
    const issued = await issue({
      kind: 'service-user',
      holder: holderOfServiceUser(user),
      subject: buildSubject({ CN: username, O: project, OU: service, L: '', ST: '', C: '' }),
      publicKey: { spki, spkiSha256: hash('sha256', spki) },
      validitySeconds,
      ...(await predecessorOf(follows, edges.certificates)),
      authority: await edges.activeAuthority(project),
      event: { ...event, project, service },
      alongside: (trx, made) => alongside(trx, toPair(made)),
    });
    return toPair(issued);
  };
}

/** A revoked certificate has no successor: what comes after it begins a line of its own. */
async function predecessorOf(
  sha256: string | undefined,
  certificates: Pick<CertificateStore, 'findBySha256'>,
): Promise<{ predecessor?: { sha256: string; line: string } }> {
  const found = sha256 === undefined ? undefined : await certificates.findBySha256(sha256);
  if (found?.revokedAt !== null) return {};
  return { predecessor: { sha256: found.sha256, line: found.line } };
}
