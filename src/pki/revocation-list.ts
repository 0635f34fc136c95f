import { setImmediate } from 'node:timers/promises';
import type { Issuer } from './certificate-template.js';
import { encodeTime } from './certificate-time.js';
import { tags } from './der-content.js';
import {
  encodeBitString,
  encodeDer,
  encodeInteger,
  encodeOid,
  encodeSequence,
} from './der-writer.js';
import type { Der, SerialNumber } from './der.js';
import { oids } from './object-identifiers.js';
import { revocationReasons, type RevocationReason } from './revocation-reason.js';
import { isSignature, readSignatureAlgorithm } from './signature-algorithm.js';
import { readDer } from './der-reader.js';

/** One revoked certificate; the time in seconds UTC. */
export interface RevokedCertificate {
  readonly serial: SerialNumber;
  readonly revokedAt: number;
  readonly reason: RevocationReason;
}

/** Entries that are written before others get their turn on the event loop. */
const sliceLength = 5000;

/**
 * A signed CRL of version 2 (RFC 5280 5.1) with authority key identifier and number. Throws Error where the signature
 * does not verify.
 */
export async function buildRevocationList(input: {
  readonly issuer: Issuer;
  readonly number: number;
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  readonly entries: readonly RevokedCertificate[];
}): Promise<Der> {
  const { signer, certificate } = input.issuer;
  const entries = await encodeEntries(input.entries);
  const toBeSigned = encodeSequence(
    encodeInteger(1),
    signer.algorithm,
    certificate.subject,
    encodeTime(input.thisUpdate),
    encodeTime(input.nextUpdate),
    // An empty list of entries must not be written (RFC 5280 5.1.2.6).
    ...(input.entries.length === 0 ? [] : [encodeSequence(...entries)]),
    encodeDer(0xa0, listExtensions(input.number, certificate.subjectKeyIdentifier)),
  );
  const signature = await signer.sign(toBeSigned);
  const algorithm = readSignatureAlgorithm(readDer(signer.algorithm));
  const { publicKey: key } = signer;
  if ('refusal' in algorithm || !isSignature({ algorithm, key, data: toBeSigned, signature })) {
    throw new Error('the signature of the revocation list does not verify');
  }
  return encodeSequence(toBeSigned, signer.algorithm, encodeBitString(signature));
}

async function encodeEntries(entries: readonly RevokedCertificate[]): Promise<Uint8Array[]> {
  const slices: Uint8Array[] = [];
  for (let from = 0; from < entries.length; from += sliceLength) {
    if (from > 0) await setImmediate();
    slices.push(encodeSlice(entries.slice(from, from + sliceLength)));
  }
  return slices;
}

/** By hand: objects would cost a hundred times as much, and lists are long. */
function encodeSlice(entries: readonly RevokedCertificate[]): Uint8Array {
  const midnights = new Map<number, Der>();
  const room = entries.reduce((sum, { serial }) => sum + serial.length / 2 + maxEntryOverhead, 0);
  const bytes = Buffer.allocUnsafe(room);
  let at = 0;
  for (const { serial, revokedAt, reason } of entries) {
    const extensions = reasonExtensions.get(reason);
    if (extensions === undefined) throw new RangeError(`no such reason: ${reason}`);
    const serialLength = serial.length / 2;
    if (serialLength > maxSerialLength) throw new RangeError(`serial number too long: ${serial}`);
    const start = at;
    bytes[at++] = tags.sequence;
    at++;
    bytes[at++] = tags.integer;
    bytes[at++] = serialLength;
    at += bytes.write(serial, at, 'hex');
    at = writeTime(bytes, { at, seconds: revokedAt, midnights });
    for (const byte of extensions) bytes[at++] = byte;
    bytes[start + 1] = at - start - 2;
  }
  return bytes.subarray(0, at);
}

/** Copies the encoded midnight of that day and puts hour, minute and second in; says where it ends. */
function writeTime(
  bytes: Buffer,
  input: { readonly at: number; readonly seconds: number; readonly midnights: Map<number, Der> },
): number {
  const { seconds, midnights } = input;
  const second = seconds % secondsPerDay;
  const midnight = seconds - second;
  const encoded = midnights.get(midnight) ?? encodeTime(midnight);
  midnights.set(midnight, encoded);
  let at = input.at;
  for (const byte of encoded) bytes[at++] = byte;
  writePair(bytes, at - 7, Math.floor(second / 3600));
  writePair(bytes, at - 5, Math.floor(second / 60) % 60);
  writePair(bytes, at - 3, second % 60);
  return at;
}

function writePair(bytes: Buffer, at: number, value: number): void {
  bytes[at] = 0x30 + Math.floor(value / 10);
  bytes[at + 1] = 0x30 + (value % 10);
}

const secondsPerDay = 86_400;

/** RFC 5280 4.1.2.2 allows 20 octets; some authorities write more. Lengths below stay one byte up to 64. */
const maxSerialLength = 64;
const maxEntryOverhead = 4 + 17 + 16;

/** crlEntryExtensions with reasonCode, nothing for `unspecified` (RFC 5280 5.3.1). */
const reasonExtensions: ReadonlyMap<string, Uint8Array> = new Map(
  Object.entries(revocationReasons).map(([name, code]) => [name, encodeReason(code)]),
);

function encodeReason(code: number): Uint8Array {
  if (code === revocationReasons.unspecified) return new Uint8Array();
  const value = encodeDer(tags.octetString, encodeDer(tags.enumerated, Uint8Array.of(code)));
  return encodeSequence(encodeSequence(encodeOid(oids.reasonCode), value));
}

function listExtensions(number: number, authorityKey: string | undefined): Der {
  const listNumber = extension(oids.cRLNumber, encodeInteger(number));
  if (authorityKey === undefined) return encodeSequence(listNumber);
  const keyIdentifier = encodeDer(0x80, Buffer.from(authorityKey, 'hex'));
  return encodeSequence(
    extension(oids.authorityKeyIdentifier, encodeSequence(keyIdentifier)),
    listNumber,
  );
}

function extension(oid: string, value: Uint8Array): Der {
  return encodeSequence(encodeOid(oid), encodeDer(tags.octetString, value));
}
