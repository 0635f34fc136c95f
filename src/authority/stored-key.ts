import { createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { keyFits, makeSigner } from '../pki/authority-key.js';
import type { Signer } from '../pki/authority-key.js';
import type { CertificateFacts } from '../pki/certificate-facts.js';
import type { MasterKey } from '../storage/master-key.js';

/** Seals an authority's private key for its row; the clear copy is wiped. */
export function sealKey(key: KeyObject, id: string, masterKey: MasterKey): string {
  const pkcs8 = key.export({ format: 'der', type: 'pkcs8' });
  const sealed = masterKey.seal(pkcs8, placeOf(id));
  pkcs8.fill(0);
  return sealed;
}

/** Opens what sealKey made of the key of authority `id`. Throws where the master key or the place is another. */
export function unsealSigner(sealedKey: string, id: string, masterKey: MasterKey): Signer {
  const pkcs8 = Buffer.from(masterKey.unseal(sealedKey, placeOf(id)));
  const signer = makeSigner(createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }));
  pkcs8.fill(0);
  return signer;
}

/** The same; undefined where the key is damaged or does not fit the authority's certificate. */
export function openFittingKey(
  { sealedKey, id, certificate }: FittingKey,
  masterKey: MasterKey,
): Signer | undefined {
  try {
    const signer = unsealSigner(sealedKey, id, masterKey);
    return keyFits(signer, certificate) ? signer : undefined;
  } catch {
    // What fails is decryption or parsing, and the cause could tell of the key.
    return undefined;
  }
}

interface FittingKey {
  readonly sealedKey: string;
  readonly id: string;
  readonly certificate: CertificateFacts;
}

function placeOf(id: string) {
  return { table: 'authorities', row: id, purpose: 'private-key' };
}
