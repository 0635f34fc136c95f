import type { Kysely } from 'kysely';
import type { RecordEvent } from '../authority/audit.js';
import { outdateRevocationLists } from '../authority/revocation-list-store.js';
import { barKeys, markCompromised, markRevoked } from '../authority/revocation-store.js';
import type { Clock } from '../edges.js';
import { Failure } from '../failure.js';
import type { ChangeOrigin, InTransaction } from '../people/record-change.js';
import { readCertificate } from '../pki/certificate-facts.js';
import type { RevocationReason } from '../pki/revocation-reason.js';
import { retryTransient } from '../storage/retry-transient.js';
import type { Schema } from '../storage/schema.js';
import { refuseGoverned } from './governed-user.js';
import { holdPair, listOldCertificates } from './old-certificate-store.js';
import type { OldCertificate } from './old-certificate-store.js';
import { holderOfServiceUser } from './service-user.js';
import type { CurrentPair, ServiceUser } from './service-user.js';

/** Those that this call revoked, or gave the graver reason keyCompromise: none where nothing was left to change. */
export type RevokeOldCertificates = (
  order: ChangeOrigin & { readonly user: ServiceUser; readonly reason: RevocationReason },
) => Promise<readonly OldCertificate[]>;

interface Edges {
  readonly transaction: InTransaction;
  readonly recordEvent: RecordEvent;
  readonly clock: Clock;
}

/**
 * Revokes what a user had before the certificate that was read, as far as it has not ended; that one stays, and so does
 * a renewal that is pending. The renewals were made here, so the holder of an old key got none of them: keyCompromise
 * takes the old keys and nothing that came later. Throws Failure `state-conflict` where there is nothing older, the user
 * has changed meanwhile, or an access owns it: what waits to be revealed would be revoked too.
 */
export function makeRevokeOldCertificates(edges: Edges): RevokeOldCertificates {
  return async ({ user, reason, ...origin }) => {
    refuseGoverned(user);
    const { pair, username } = user;
    if (!pair) throw nothingOlder(username);
    return retryTransient(() =>
      edges.transaction(async (trx) => {
        const known = { ...user, pair };
        if (!(await holdPair(known, trx)))
          throw new Failure('state-conflict', `${username} has changed meanwhile: look again.`);
        const old = await listOldCertificates(known, edges.clock(), trx);
        if (old.length === 0) throw nothingOlder(username);
        if (reason === 'keyCompromise') refuseSharedKey(known, old);
        return revoke({ user, reason, old, origin }, edges, trx);
      }),
    );
  };
}

async function revoke(
  {
    user,
    reason,
    old,
    origin,
  }: {
    readonly user: ServiceUser;
    readonly reason: RevocationReason;
    readonly old: readonly OldCertificate[];
    readonly origin: ChangeOrigin;
  },
  { recordEvent, clock }: Edges,
  trx: Kysely<Schema>,
): Promise<readonly OldCertificate[]> {
  const { project, service, username } = user;
  const now = clock();
  const revoked: OldCertificate[] = [];
  for (const one of old) {
    const { sha256 } = one;
    const isNew = await markRevoked(trx, { sha256, reason, now });
    // Revoked before for less: the keys are barred from now on, too.
    if (isNew || (reason === 'keyCompromise' && (await markCompromised(trx, sha256))))
      revoked.push(one);
  }
  if (revoked.length === 0) return revoked;
  const certificates = revoked.map(({ sha256 }) => sha256);
  if (reason === 'keyCompromise') await barKeys(trx, { certificates, now });
  const holder = holderOfServiceUser(user);
  await outdateRevocationLists(trx, holder);
  const detail = { username, reason, certificates };
  const level = reason === 'keyCompromise' ? 'warning' : 'info';
  const action = 'service-user.old-revoked';
  await recordEvent({ level, action, holder, project, service, detail, ...origin }, trx);
  return revoked;
}

function refuseSharedKey(
  { username, pair }: ServiceUser & { readonly pair: CurrentPair },
  old: readonly OldCertificate[],
): void {
  const { spkiSha256 } = readCertificate(Buffer.from(pair.certificate, 'base64'));
  if (!old.some((one) => one.spkiSha256 === spkiSha256)) return;
  throw new Failure(
    'state-conflict',
    `The present certificate of ${username} has the same key as an old one: renew it for another key first, or reset the credentials.`,
  );
}

function nothingOlder(username: string): Failure {
  return new Failure(
    'state-conflict',
    `${username} has no older certificate that is still valid: there is nothing to revoke.`,
  );
}
