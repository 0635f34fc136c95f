import type { RandomBytes } from '../edges.js';
import { Failure } from '../failure.js';

declare const isStorePassword: unique symbol;

/** A password with which every reader of a PKCS#12 store opens it. */
export type StorePassword = string & { readonly [isStorePassword]: true };

/**
 * Judges the password of a store: Java's PBES2 takes printable ASCII alone, its keytool changes no store under
 * fewer than six characters, and Kafka trims what it reads. Throws Failure `field-invalid`.
 */
export function readStorePassword(password: string): StorePassword {
  if (/^[!-~][ -~]{4,254}[!-~]$/.test(password)) return password as StorePassword;
  throw new Failure(
    'field-invalid',
    'The password of the stores must have 6 to 256 printable ASCII characters, no space at either end.',
  );
}

/** A password of a store that nobody else has: 144 random bits. */
export function drawStorePassword(random: RandomBytes): StorePassword {
  return readStorePassword(Buffer.from(random(18)).toString('base64url'));
}
