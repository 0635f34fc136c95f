import type { Kysely } from 'kysely';
import { makeAuthorityStore } from '../authority/authority-store.js';
import type { AuthorityStore } from '../authority/authority-store.js';
import { makeRecordEvent } from '../authority/audit.js';
import type { RecordEvent } from '../authority/audit.js';
import { makeCertificateStore } from '../authority/certificate-store.js';
import type { CertificateStore } from '../authority/certificate-store.js';
import { makeLineStore } from '../authority/line-store.js';
import type { LineStore } from '../authority/line-store.js';
import { makeDeniedCertificates } from '../authority/denied-certificates.js';
import type { DeniedCertificates } from '../authority/denied-certificates.js';
import { makeDenyCertificates } from '../authority/deny-certificates.js';
import type { DenyCertificates } from '../authority/deny-certificates.js';
import { makeRevokeCertificate } from '../authority/revoke-certificate.js';
import type { RevokeCertificate } from '../authority/revoke-certificate.js';
import { makeLeftBehindStore } from '../authority/left-behind-store.js';
import type { LeftBehindStore } from '../authority/left-behind-store.js';
import { makeRollOverStore } from '../authority/roll-over-store.js';
import { makeTakeStep } from '../authority/take-step.js';
import type { TakeStep } from '../authority/take-step.js';
import { makeRevokeByHash } from '../connector/revoke-by-hash.js';
import type { RevokeByHash } from '../connector/revoke-by-hash.js';
import { makeTokenStore } from '../connector/token-store.js';
import type { TokenStore } from '../connector/token-store.js';
import { placeOfHolder } from '../credentials/place-of-holder.js';
import type { Clock } from '../edges.js';
import { makeAccessTokenStore } from '../people/access-token-store.js';
import type { AccessTokenStore } from '../people/access-token-store.js';
import { makeIdentityStore } from '../people/openid/identity-store.js';
import type { IdentityStore } from '../people/openid/identity-store.js';
import { makeSignInAddresses } from '../people/sign-in-addresses.js';
import type { SignInAddresses } from '../people/sign-in-addresses.js';
import { makeUserStore } from '../people/user-store.js';
import type { UserStore } from '../people/user-store.js';
import { makeUserTokenStore } from '../people/user-token-store.js';
import type { UserTokenStore } from '../people/user-token-store.js';
import type { Database } from '../storage/database.js';
import type { Schema } from '../storage/schema.js';
import { makeSettingsStore } from '../storage/settings-store.js';
import type { SettingsStore } from '../storage/settings-store.js';

/** The record and what changes it without a private key: all that the command line needs besides the gateway. */
export interface Stores {
  readonly transaction: <T>(work: (trx: Kysely<Schema>) => Promise<T>) => Promise<T>;
  readonly settings: SettingsStore;
  readonly authorities: AuthorityStore;
  readonly certificates: CertificateStore;
  readonly lines: LineStore;
  readonly tokens: TokenStore;
  readonly accessTokens: AccessTokenStore;
  readonly users: UserStore;
  readonly identities: IdentityStore;
  readonly userTokens: UserTokenStore;
  readonly signInAddresses: SignInAddresses;
  readonly recordEvent: RecordEvent;
  readonly revoke: RevokeCertificate;
  readonly denied: DeniedCertificates;
  readonly deny: DenyCertificates;
  readonly revokeByHash: RevokeByHash;
  readonly takeStep: TakeStep;
  readonly leftBehind: LeftBehindStore;
}

/** Wires the stores of one database. */
export function makeStores(database: Database, clock: Clock): Stores {
  const { db } = database;
  const transaction: Stores['transaction'] = (work) => database.transaction(work);
  const recordEvent = makeRecordEvent(db, clock);
  const authorities = makeAuthorityStore(database);
  const leftBehind = makeLeftBehindStore(db);
  const certificates = makeCertificateStore(db);
  const revoke = makeRevokeCertificate({ transaction, recordEvent, placeOf: placeOfHolder, clock });
  const denied = makeDeniedCertificates(db, clock);
  const deny = makeDenyCertificates({
    transaction,
    denied,
    recordEvent,
    placeOf: placeOfHolder,
    clock,
  });
  return {
    transaction,
    settings: makeSettingsStore(db),
    authorities,
    certificates,
    lines: makeLineStore(db),
    tokens: makeTokenStore(db),
    accessTokens: makeAccessTokenStore(db),
    users: makeUserStore(db),
    identities: makeIdentityStore(),
    userTokens: makeUserTokenStore(db),
    signInAddresses: makeSignInAddresses(db),
    recordEvent,
    revoke,
    denied,
    deny,
    revokeByHash: makeRevokeByHash({ certificates, revoke, deny }),
    takeStep: makeTakeStep({
      transaction,
      authorities,
      rollOver: makeRollOverStore(),
      leftBehind,
      recordEvent,
      clock,
    }),
    leftBehind,
  };
}
