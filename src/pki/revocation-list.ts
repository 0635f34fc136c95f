import { setImmediate } from 'node:timers/promises';
import type { Issuer } from './certificate-template.js';
import { encodeTime } from './certificate-time.js';
import { tags } from './der-content.js';
import { readDer } from './der-reader.js';
import {
  encodeBitString,
  encodeDer,
  encodeInteger,
  encodeOid,
  encodeSequence,
  encodeTagAndLength,
} from './der-writer.js';
import { asDer, type Der } from './der.js';
import { oids } from './object-identifiers.js';
import { makeEncodeRevokedEntries } from './revoked-entries.js';
import { isLongSignature, readSignatureAlgorithm } from './signature-algorithm.js';

/** All that a revocation list says; times in seconds UTC. */
export interface RevocationListContent {
  readonly issuer: Issuer;
  readonly number: number;
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  /** Pages of lines as EncodeRevokedEntries reads them. Between two of them others get their turn. */
  readonly entries: AsyncIterable<string> | Iterable<string>;
}

/**
 * A signed CRL of version 2 (RFC 5280 5.1) with authority key identifier and number, and its signature alone. Throws
 * Error where the signature does not verify, RangeError for entries that cannot be written.
 */
export async function buildRevocationList(
  content: RevocationListContent,
): Promise<{ readonly der: Der; readonly signature: Uint8Array }> {
  const draft = await encodeContent(content);
  const signature = await content.issuer.signer.sign(draft.toBeSigned);
  const der = await finish(content, draft, signature);
  if (der === undefined) throw new Error('the signature of the revocation list does not verify');
  return { der, signature };
}

/** The very bytes of a list that was signed before; undefined where the signature is not one of this content. */
export async function restoreRevocationList(
  content: RevocationListContent,
  signature: Uint8Array,
): Promise<Der | undefined> {
  return finish(content, await encodeContent(content), signature);
}

/** TBSCertList, with room around it for what makes it a CertificateList: so much is not copied without need. */
interface Draft {
  readonly bytes: Buffer;
  readonly toBeSigned: Uint8Array;
}

/** A tag and the longest length. */
const roomBefore = 6;
/** AlgorithmIdentifier and the signature of the longest key, RSA with 16,384 bits. */
const roomAfter = 2400;

async function finish(
  { issuer: { signer } }: RevocationListContent,
  { bytes, toBeSigned: data }: Draft,
  signature: Uint8Array,
): Promise<Der | undefined> {
  const { algorithm: algorithmDer, publicKey: key } = signer;
  const algorithm = readSignatureAlgorithm(readDer(algorithmDer));
  if ('refusal' in algorithm) return undefined;
  if (!(await isLongSignature({ algorithm, key, data, signature }))) return undefined;
  const tail = Buffer.concat([algorithmDer, encodeBitString(signature)]);
  if (tail.length > roomAfter) throw new RangeError('the signature is too long');
  const head = encodeTagAndLength(tags.sequence, data.length + tail.length);
  bytes.set(head, roomBefore - head.length);
  bytes.set(tail, roomBefore + data.length);
  return asDer(bytes.subarray(roomBefore - head.length, roomBefore + data.length + tail.length));
}

async function encodeContent(content: RevocationListContent): Promise<Draft> {
  const { signer, certificate } = content.issuer;
  const entries = await encodePages(content.entries);
  const fields = [
    encodeInteger(1),
    signer.algorithm,
    certificate.subject,
    encodeTime(content.thisUpdate),
    encodeTime(content.nextUpdate),
    // An empty list of entries must not be written (RFC 5280 5.1.2.6).
    ...(entries.length === 0 ? [] : [encodeTagAndLength(tags.sequence, lengthOf(entries))]),
    ...entries,
    encodeDer(0xa0, listExtensions(content.number, certificate.subjectKeyIdentifier)),
  ];
  const parts = [encodeTagAndLength(tags.sequence, lengthOf(fields)), ...fields];
  const length = lengthOf(parts);
  const bytes = Buffer.allocUnsafeSlow(roomBefore + length + roomAfter);
  let at = roomBefore;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  // To sign and to verify copy the bytes once more, in a turn of their own.
  await setImmediate();
  return { bytes, toBeSigned: bytes.subarray(roomBefore, roomBefore + length) };
}

async function encodePages(pages: RevocationListContent['entries']): Promise<Uint8Array[]> {
  const encode = makeEncodeRevokedEntries();
  const encoded: Uint8Array[] = [];
  for await (const lines of pages) {
    if (lines === '') continue;
    encoded.push(encode(lines));
    await setImmediate();
  }
  return encoded;
}

function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
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
