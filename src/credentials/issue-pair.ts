import { hash } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { AuditEvent } from '../authority/audit.js';
import type { Authority } from '../authority/authority.js';
import type { CertificateStore } from '../authority/certificate-store.js';
import type { CertificateOrder, Issued, IssueCertificate } from '../authority/issue-certificate.js';
import { Failure } from '../failure.js';
import { generateKey, makeSigner } from '../pki/authority-key.js';
import type { AuthorityKeyType } from '../pki/authority-key.js';
import { buildSubject } from '../pki/names.js';
import type { Schema } from '../storage/schema.js';
import type { Secrets } from './secrets.js';
import { holderOfServiceUser } from './service-user.js';
import type { CurrentPair, ServiceUser, ServiceUserName } from './service-user.js';

/** A key as the record compares it. */
export type PublicKeyInfo = CertificateOrder['publicKey'];

export interface PairOrder {
  readonly user: ServiceUserName & Pick<ServiceUser, 'id'>;
  readonly validitySeconds: number;
  /** The holder's own key; without it one is made here. */
  readonly ownKey?: PublicKeyInfo | undefined;
  /** SHA-256 of the certificate that this one follows. */
  readonly follows?: string | undefined;
  readonly event: Omit<AuditEvent, 'holder' | 'certificate' | 'project' | 'service'>;
  /** The change of the user that must stand or fall with the certificate. */
  readonly alongside: (trx: Transaction<Schema>, pair: CurrentPair) => Promise<void>;
}

/** A key, new unless it is the holder's own, and its certificate by the project's authority, on record. */
export type IssuePair = (order: PairOrder) => Promise<CurrentPair>;

/**
 * Makes a key, unless its holder has, off the main thread and outside of any transaction, certifies it under the user's unchanging subject, and
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
  const makeKey = async (userId: string) => {
    const key = await generateKey(keyType);
    const { spki } = makeSigner(key);
    const publicKey = { spki, spkiSha256: hash('sha256', spki) };
    return { publicKey, sealedKey: secrets.sealKey(key, userId) };
  };
  return async ({ user, validitySeconds, ownKey, follows, event, alongside }) => {
    const { project, service, username } = user;
    const { publicKey, sealedKey } = ownKey
      ? { publicKey: ownKey, sealedKey: null }
      : await makeKey(user.id);
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
    const order: CertificateOrder = {
      kind: 'service-user',
      holder: holderOfServiceUser(user),
      subject: buildSubject({ CN: username, O: project, OU: service, L: '', ST: '', C: '' }),
      publicKey,
      validitySeconds,
      authority: await edges.activeAuthority(project),
      event: { ...event, project, service },
      alongside: (trx, made) => alongside(trx, toPair(made)),
    };
    const predecessor = await predecessorOf(follows, edges.certificates);
    return toPair(await issueAfter(predecessor, order, issue));
  };
}

/** Revoked meanwhile, the predecessor counts no more: what goes on record alongside then decides. */
async function issueAfter(
  predecessor: Pick<CertificateOrder, 'predecessor'>,
  order: CertificateOrder,
  issue: IssueCertificate,
): Promise<Issued> {
  try {
    return await issue({ ...order, ...predecessor });
  } catch (error) {
    if (!(error instanceof Failure) || error.kind !== 'certificate-revoked') throw error;
    return issue(order);
  }
}

/** A revoked certificate has no successor: what comes after it begins a line of its own. */
async function predecessorOf(
  sha256: string | undefined,
  certificates: Pick<CertificateStore, 'findBySha256'>,
): Promise<Pick<CertificateOrder, 'predecessor'>> {
  const found = sha256 === undefined ? undefined : await certificates.findBySha256(sha256);
  if (found?.revokedAt !== null) return {};
  return { predecessor: { sha256: found.sha256, line: found.line } };
}
