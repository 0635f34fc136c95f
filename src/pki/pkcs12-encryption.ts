import { createCipheriv, pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import type { RandomBytes } from '../edges.js';
import { tags } from './der-content.js';
import { encodeDer, encodeInteger, encodeOid, encodeSequence } from './der-writer.js';
import type { Der } from './der.js';
import { oids } from './object-identifiers.js';
import type { StorePassword } from './pkcs12-password.js';

/**
 * How often a password is hashed before it becomes a key: what Java writes since version 17. The MAC costs an attacker
 * no more than this, so a higher count here alone would protect nothing; the strength is the password's.
 */
export const iterations = 10_000;

/** RFC 8018 4.1 asks for 64 bits at least, NIST SP 800-132 5.1 for 128. */
export const saltBytes = 16;

/** Content under a password, and the AlgorithmIdentifier that says how. */
export interface Encrypted {
  readonly algorithm: Der;
  readonly ciphertext: Uint8Array;
}

const derive = promisify(pbkdf2);
const keyBytes = 32;
const blockBytes = 16;

/**
 * PBES2 with PBKDF2 over HMAC-SHA-256 and AES-256 in CBC mode (RFC 8018 6.2, appendix A.2 and A.4), off the main
 * thread. The length of the key is named although AES implies it, as Java does.
 */
export async function encryptWithPassword(input: {
  readonly content: Uint8Array;
  readonly password: StorePassword;
  readonly random: RandomBytes;
}): Promise<Encrypted> {
  const { content, password, random } = input;
  const salt = random(saltBytes);
  const iv = random(blockBytes);
  const key = await derive(Buffer.from(password, 'utf8'), salt, iterations, keyBytes, 'sha256');
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  const ciphertext = Buffer.concat([cipher.update(content), cipher.final()]);
  key.fill(0);
  return { algorithm: encodeAlgorithm({ salt, iv }), ciphertext };
}

function encodeAlgorithm({ salt, iv }: { salt: Uint8Array; iv: Uint8Array }): Der {
  const derivation = encodeSequence(
    encodeDer(tags.octetString, salt),
    encodeInteger(iterations),
    encodeInteger(keyBytes),
    encodeSequence(encodeOid(oids.hmacWithSHA256), encodeDer(tags.null)),
  );
  return encodeSequence(
    encodeOid(oids.pbes2),
    encodeSequence(
      encodeSequence(encodeOid(oids.pbkdf2), derivation),
      encodeSequence(encodeOid(oids.aes256CbcPad), encodeDer(tags.octetString, iv)),
    ),
  );
}
