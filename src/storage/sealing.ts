import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';
import type { RandomBytes } from '../edges.js';

/** Where a sealed value stands; it opens nowhere else. */
export interface SealedPlace {
  readonly table: string;
  readonly row: string;
  readonly purpose: string;
}

/** Seals what the gateway must keep but the database must not show. */
export interface Sealing {
  seal(plain: Uint8Array, place: SealedPlace): string;
  /** Throws when the key or the place is another one, or the value was changed. */
  unseal(sealed: string, place: SealedPlace): Uint8Array;
}

const version = 'v1.';
const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/** AES-256-GCM (NIST SP 800-38D) with a random nonce; the place is authenticated along with the value. */
export function makeSealing(key: KeyObject, random: RandomBytes): Sealing {
  return {
    seal(plain, place) {
      const nonce = random(nonceBytes);
      const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
      cipher.setAAD(placeBytes(place));
      const body = Buffer.concat([cipher.update(plain), cipher.final()]);
      return version + Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url');
    },
    unseal(sealed, place) {
      if (!sealed.startsWith(version)) throw new Error('sealed by an unknown version');
      const bytes = Buffer.from(sealed.slice(version.length), 'base64url');
      if (bytes.length < nonceBytes + tagBytes) throw new Error('the sealed value is cut off');
      const nonce = bytes.subarray(0, nonceBytes);
      const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
      decipher.setAAD(placeBytes(place));
      decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
      const body = bytes.subarray(nonceBytes + tagBytes);
      return Buffer.concat([decipher.update(body), decipher.final()]);
    },
  };
}

/** As JSON no two places give the same bytes. */
function placeBytes({ table, row, purpose }: SealedPlace): Buffer {
  return Buffer.from(JSON.stringify([version, table, row, purpose]), 'utf8');
}
