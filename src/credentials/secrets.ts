import type { KeyObject } from 'node:crypto';
import type { RandomBytes } from '../edges.js';
import { encodePem } from '../pki/pem.js';
import type { MasterKey } from '../storage/master-key.js';

/** Seals what a service user's row keeps; each value opens in its own row and for its own purpose alone. */
export interface Secrets {
  sealKey(key: KeyObject, userId: string): string;
  /** PKCS#8, PEM. */
  openKey(sealed: string, userId: string): string;
  sealPassword(password: string, userId: string): string;
  openPassword(sealed: string, userId: string): string;
  /** 24 letters and digits of about 140 bits. */
  newPassword(): string;
}

/** Secrets under the master key. */
export function makeSecrets(masterKey: MasterKey, random: RandomBytes): Secrets {
  return {
    sealKey: (key, userId) => {
      const pkcs8 = key.export({ format: 'der', type: 'pkcs8' });
      const sealed = masterKey.seal(pkcs8, place(userId, 'private-key'));
      pkcs8.fill(0);
      return sealed;
    },
    openKey: (sealed, userId) => {
      const pkcs8 = Buffer.from(masterKey.unseal(sealed, place(userId, 'private-key')));
      const pem = encodePem('PRIVATE KEY', pkcs8);
      pkcs8.fill(0);
      return pem;
    },
    sealPassword: (password, userId) =>
      masterKey.seal(Buffer.from(password, 'utf8'), place(userId, 'password')),
    openPassword: (sealed, userId) =>
      Buffer.from(masterKey.unseal(sealed, place(userId, 'password'))).toString('utf8'),
    newPassword: () => {
      // Bytes past the last whole multiple of the alphabet would favour its first letters.
      const letters: string[] = [];
      while (letters.length < passwordLength) {
        const usable = [...random(passwordLength * 2)].filter((byte) => byte < 4 * alphabet.length);
        letters.push(...usable.map((byte) => alphabet.charAt(byte % alphabet.length)));
      }
      return letters.slice(0, passwordLength).join('');
    },
  };
}

const passwordLength = 24;
const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';

function place(row: string, purpose: string) {
  return { table: 'service_users', row, purpose };
}
