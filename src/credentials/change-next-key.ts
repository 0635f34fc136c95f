import type { RecordEvent } from '../authority/audit.js';
import { claimKey } from '../authority/claim-key.js';
import { keyInUse, keyReused } from '../authority/record-certificate.js';
import type { Clock } from '../edges.js';
import { Failure } from '../failure.js';
import type { ChangeOrigin, InTransaction } from '../people/record-change.js';
import { encodeBase64 } from '../pki/base64.js';
import { readRequest } from '../pki/certification-request.js';
import { attributeValue } from '../pki/names.js';
import type { Name } from '../pki/names.js';
import { oids } from '../pki/object-identifiers.js';
import { retryTransient } from '../storage/retry-transient.js';
import { refuseGoverned } from './governed-user.js';
import { isCertified, replaceNextKey } from './next-key-store.js';
import { holderOfServiceUser } from './service-user.js';
import type { NextKey, ServiceUser } from './service-user.js';

/** Each throws a Failure where it cannot. */
export interface ChangeNextKey {
  /**
   * Keeps the key of a certification request, DER, for the next renewal, in the place of one that waits; not where an
   * access owns the user, whose keys are all made here.
   */
  keep(
    order: ChangeOrigin & { readonly user: ServiceUser; readonly csr: Uint8Array },
  ): Promise<NextKey>;
  withdraw(order: ChangeOrigin & { readonly user: ServiceUser }): Promise<void>;
}

interface Edges {
  readonly transaction: InTransaction;
  readonly recordEvent: RecordEvent;
  readonly clock: Clock;
}

/**
 * The holder's own key for the next renewal. Of the request the key counts and the proof that its sender has the private
 * one; names come from the record. The key belongs to the user from then on, so that the renewal cannot be refused it.
 */
export function makeChangeNextKey(edges: Edges): ChangeNextKey {
  return {
    keep: (order) => retryTransient(() => keep(order, edges)),
    withdraw: async ({ user, ...origin }) => {
      const { project, service, username } = user;
      if (!user.nextKey) throw nothingWaits(username);
      await edges.transaction(async (trx) => {
        if (!(await replaceNextKey(trx, { user, to: undefined }))) throw changed(username);
        const action = 'service-user.request-withdrawn';
        await edges.recordEvent({ action, project, service, detail: { username }, ...origin }, trx);
      });
    },
  };
}

async function keep(
  { user, csr, ...origin }: Parameters<ChangeNextKey['keep']>[0],
  { transaction, recordEvent, clock }: Edges,
): Promise<NextKey> {
  refuseGoverned(user);
  const { project, service, username, pair, nextKey } = user;
  const { subject, publicKey } = readRequest(csr);
  requireCommonName(subject, username);
  if (!pair) {
    throw new Failure(
      'state-conflict',
      `${username} has no certificate that could be renewed: reset the credentials first.`,
    );
  }
  const { spkiSha256 } = publicKey;
  const to = { spki: encodeBase64(publicKey.spki), since: clock() };
  if (nextKey?.spki === to.spki) return nextKey;
  await transaction(async (trx) => {
    if (!(await replaceNextKey(trx, { user, to }))) throw changed(username);
    const holder = holderOfServiceUser(user);
    const claim = await claimKey(trx, { spkiSha256, kind: 'service-user', holder });
    if (claim === 'taken') throw keyInUse();
    if (await isCertified(trx, { user, spkiSha256 })) throw keyReused();
    const detail = { username, key: spkiSha256 };
    const action = 'service-user.request-kept';
    await recordEvent({ action, holder, project, service, detail, ...origin }, trx);
  });
  return to;
}

/** A request made for another user is a mistake, and the key would be let in as this one. */
function requireCommonName(subject: Name, username: string): void {
  const isNamed = subject.relativeNames.flat().some(({ oid }) => oid === oids.commonName);
  if (!isNamed || attributeValue(subject, 'CN') === username) return;
  throw new Failure(
    'subject-mismatch',
    `The request is not for ${username}: its CN has to be that name, or left out.`,
  );
}

/** The refusal where no certification request waits. */
export function nothingWaits(username: string): Failure {
  return new Failure(
    'resource-unknown',
    `No certification request of ${username} waits for a renewal.`,
  );
}

function changed(username: string): Failure {
  return new Failure('state-conflict', `${username} has changed meanwhile: look again.`);
}
