import { makeAuthorityStore } from '../authority/authority-store.js';
import { makeRecordEvent } from '../authority/audit.js';
import { makeCertificateStore } from '../authority/certificate-store.js';
import { makeDeniedCertificates } from '../authority/denied-certificates.js';
import { makeRevokeCertificate } from '../authority/revoke-certificate.js';
import { makeRevokeByHash } from '../connector/revoke-by-hash.js';
import { makeTokenStore } from '../connector/token-store.js';
import type { Clock } from '../edges.js';
import { makeAccessTokenStore } from '../people/access-token-store.js';
import type { Database } from '../storage/database.js';
import { makeSettingsStore } from '../storage/settings-store.js';

/** The record and what changes it without a private key: all that the command line needs besides the gateway. */
export type Stores = ReturnType<typeof makeStores>;

/** Wires the stores of one database. */
export function makeStores(database: Database, clock: Clock) {
  const { db } = database;
  const recordEvent = makeRecordEvent(db, clock);
  const certificates = makeCertificateStore(db);
  const revoke = makeRevokeCertificate({
    transaction: database.transaction.bind(database),
    recordEvent,
    clock,
  });
  const denied = makeDeniedCertificates(db, clock);
  return {
    settings: makeSettingsStore(db),
    authorities: makeAuthorityStore(database),
    certificates,
    tokens: makeTokenStore(db),
    accessTokens: makeAccessTokenStore(db),
    recordEvent,
    revoke,
    revokeByHash: makeRevokeByHash({ certificates, revoke, denied, recordEvent }),
  };
}
