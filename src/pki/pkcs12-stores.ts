import type { RandomBytes } from '../edges.js';
import { tags } from './der-content.js';
import { encodeDer, encodeInteger, encodeOid, encodeSequence } from './der-writer.js';
import type { Der } from './der.js';
import { oids } from './object-identifiers.js';
import {
  encodeCertificateBag,
  encodeKeyBag,
  friendlyName,
  localKeyId,
  trustedForEveryUse,
} from './pkcs12-bags.js';
import { encryptWithPassword } from './pkcs12-encryption.js';
import { encodeMac } from './pkcs12-mac.js';
import type { StorePassword } from './pkcs12-password.js';

/** What protects a store. */
export interface Protection {
  readonly password: StorePassword;
  readonly random: RandomBytes;
}

/** A private key with its certificate; `chain` is its issuers, the nearest first. */
export interface KeyEntry {
  readonly alias: string;
  /** PrivateKeyInfo (RFC 5958). */
  readonly pkcs8: Der;
  readonly certificate: Der;
  readonly chain: readonly Der[];
}

/** A certificate that a client trusts as an issuer; aliases of one store differ in more than case. */
export interface TrustEntry {
  readonly alias: string;
  readonly certificate: Der;
}

const context0 = 0xa0;
const implicit0 = 0x80;

/** A PKCS#12 key store of one entry; that the key fits the certificate is the caller's to know. */
export async function makeKeyStore(entry: KeyEntry, protection: Protection): Promise<Der> {
  const { alias, pkcs8, certificate, chain } = entry;
  const names = [friendlyName(alias), localKeyId(certificate)];
  const key = await encryptWithPassword({ content: pkcs8, ...protection });
  return encodeStore(
    [
      await encodeEncryptedData(
        [
          encodeCertificateBag(certificate, names),
          ...chain.map((issuer) => encodeCertificateBag(issuer, [])),
        ],
        protection,
      ),
      encodeData(encodeSequence(encodeKeyBag(key, names))),
    ],
    protection,
  );
}

/** A PKCS#12 trust store that Java reads as one: each certificate under its alias, marked as trusted. */
export async function makeTrustStore(
  entries: readonly TrustEntry[],
  protection: Protection,
): Promise<Der> {
  const bags = entries.map(({ alias, certificate }) =>
    encodeCertificateBag(certificate, [friendlyName(alias), trustedForEveryUse()]),
  );
  return encodeStore([await encodeEncryptedData(bags, protection)], protection);
}

/** PFX in password integrity mode (RFC 7292 section 4). */
async function encodeStore(contents: readonly Der[], protection: Protection): Promise<Der> {
  const authenticatedSafe = encodeSequence(...contents);
  const mac = await encodeMac({ content: authenticatedSafe, ...protection });
  return encodeSequence(encodeInteger(3), encodeData(authenticatedSafe), mac);
}

/** ContentInfo with Data (RFC 5652 section 4). */
function encodeData(content: Der): Der {
  return encodeSequence(
    encodeOid(oids.data),
    encodeDer(context0, encodeDer(tags.octetString, content)),
  );
}

/** ContentInfo with EncryptedData over SafeContents (RFC 7292 4.1, RFC 5652 section 8). */
async function encodeEncryptedData(bags: readonly Der[], protection: Protection): Promise<Der> {
  const encrypted = await encryptWithPassword({ content: encodeSequence(...bags), ...protection });
  const info = encodeSequence(
    encodeOid(oids.data),
    encrypted.algorithm,
    encodeDer(implicit0, encrypted.ciphertext),
  );
  return encodeSequence(
    encodeOid(oids.encryptedData),
    encodeDer(context0, encodeSequence(encodeInteger(0), info)),
  );
}
