import { createHmac, hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RandomBytes } from '../edges.js';
import { bmpOf } from './bmp-string.js';
import { tags } from './der-content.js';
import { encodeDer, encodeInteger, encodeOid, encodeSequence } from './der-writer.js';
import type { Der } from './der.js';
import { oids } from './object-identifiers.js';
import { iterations, saltBytes } from './pkcs12-encryption.js';
import type { StorePassword } from './pkcs12-password.js';

/** Hashes in one turn of the event loop: less than a millisecond. */
const turn = 500;

/** The block of SHA-256 in bytes, `v` of RFC 7292 B.2. */
const blockBytes = 64;
const macKeyId = 3;

/** MacData with HMAC-SHA-256 over the content under a password (RFC 7292 section 4 and 5.1). */
export async function encodeMac(input: {
  readonly content: Uint8Array;
  readonly password: StorePassword;
  readonly random: RandomBytes;
}): Promise<Der> {
  const { content, password, random } = input;
  const salt = random(saltBytes);
  const key = await deriveMacKey(password, salt);
  const mac = createHmac('sha256', key).update(content).digest();
  key.fill(0);
  const algorithm = encodeSequence(encodeOid(oids.sha256), encodeDer(tags.null));
  return encodeSequence(
    encodeSequence(algorithm, encodeDer(tags.octetString, mac)),
    encodeDer(tags.octetString, salt),
    encodeInteger(iterations),
  );
}

/**
 * The key of RFC 7292 B.2: as long as the hash itself, so that its first block is all of it. node:crypto has this
 * derivation nowhere, so it runs here, a few turns of the event loop long.
 */
async function deriveMacKey(password: StorePassword, salt: Uint8Array): Promise<Buffer> {
  const zeroEnded = Buffer.concat([bmpOf(password), Buffer.alloc(2)]);
  let key: Buffer = Buffer.concat([
    Buffer.alloc(blockBytes, macKeyId),
    wholeBlocks(salt),
    wholeBlocks(zeroEnded),
  ]);
  for (let done = 0; done < iterations; done++) {
    if (done % turn === 0) await nextTurn();
    key = hash('sha256', key, 'buffer');
  }
  return key;
}

/** The bytes again and again, up to the end of a block. */
function wholeBlocks(bytes: Uint8Array): Buffer {
  return Buffer.alloc(Math.ceil(bytes.length / blockBytes) * blockBytes, bytes);
}
