import { hash } from 'node:crypto';
import { readCertificate } from '../pki/certificate-facts.js';
import { asDer } from '../pki/der.js';
import type { PublicKeyInfo } from './issue-pair.js';
import type { CurrentPair, ServiceUser } from './service-user.js';

/** Whose key a renewal certifies: one made here, the one of the holder's request, or the holder's present one again. */
export type KeySource = 'made' | 'request' | 'kept';

/**
 * The key of a renewal. A holder who made the present key gets it certified again until another request comes: a key
 * that nobody asked for would lock the holder out, and Everleaf would know it. Where an access owns the user the key is
 * always a new one: a rotation hands it out. `ownKey` is undefined where one is made.
 */
export function keyOfRenewal({
  pair,
  nextKey,
  accessId,
}: Pick<ServiceUser, 'nextKey' | 'accessId'> & { readonly pair: CurrentPair }): {
  readonly source: KeySource;
  readonly ownKey?: PublicKeyInfo;
} {
  if (accessId !== null) return { source: 'made' };
  if (nextKey) {
    const spki = asDer(Buffer.from(nextKey.spki, 'base64'));
    return { source: 'request', ownKey: { spki, spkiSha256: hash('sha256', spki) } };
  }
  if (pair.sealedKey !== null) return { source: 'made' };
  const { spki, spkiSha256 } = readCertificate(Buffer.from(pair.certificate, 'base64'));
  return { source: 'kept', ownKey: { spki, spkiSha256 } };
}
