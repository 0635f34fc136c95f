import { encodeTime } from './certificate-time.js';
import { tags } from './der-content.js';
import { encodeDer, encodeOid, encodeSequence } from './der-writer.js';
import type { Der } from './der.js';
import { oids } from './object-identifiers.js';
import { revocationReasons } from './revocation-reason.js';

/** Encodes one page of entries; throws RangeError for text that has another form. */
export type EncodeRevokedEntries = (lines: string) => Uint8Array;

/**
 * Makes the entries of a revocation list (RFC 5280 5.1.2.6) from text: a line for each, `SERIAL SECONDS REASON`, with
 * the serial number in lower-case hex, the time in seconds UTC, and a line feed at its end. Text, since an object for
 * each would cost more than all the rest, and lists are long. What one page needed is used for the next.
 */
export function makeEncodeRevokedEntries(): EncodeRevokedEntries {
  const scribe: Scribe = {
    text: '',
    from: 0,
    bytes: Buffer.alloc(0),
    to: 0,
    midnights: new Map(),
    last: { line: 'unspecified\n', extensions: new Uint8Array() },
  };
  return (lines) => {
    const room = lines.length / 2 + (lines.length / shortestLine) * mostAroundSerial;
    if (scribe.bytes.length < room) scribe.bytes = Buffer.allocUnsafeSlow(Math.ceil(room));
    scribe.text = lines;
    scribe.from = 0;
    scribe.to = 0;
    while (scribe.from < lines.length) writeEntry(scribe);
    return Buffer.from(scribe.bytes.subarray(0, scribe.to));
  };
}

/** What is read and how far, what is written and how far, and what was encoded for earlier lines. */
interface Scribe {
  text: string;
  from: number;
  bytes: Buffer;
  to: number;
  readonly midnights: Map<number, Der>;
  last: { readonly line: string; readonly extensions: Uint8Array };
}

/** `00 0 superseded` and its line feed. */
const shortestLine = 16;
/** Tags and lengths, a GeneralizedTime, the extension with the reason. */
const mostAroundSerial = 4 + 17 + 14;
/** RFC 5280 4.1.2.2 allows 20 octets; some authorities write more. An entry's length stays one byte up to 64. */
const maxSerialLength = 64;

const zero = 0x30;
const blank = 0x20;

function writeEntry(scribe: Scribe): void {
  const { bytes, to: start } = scribe;
  bytes[start] = tags.sequence;
  scribe.to += 2;
  writeSerial(scribe);
  writeTime(scribe, readSeconds(scribe));
  write(scribe, readReason(scribe));
  bytes[start + 1] = scribe.to - start - 2;
}

function writeSerial(scribe: Scribe): void {
  const { text, bytes, from } = scribe;
  let to = scribe.to + 2;
  let at = from;
  while (text.charCodeAt(at) !== blank) {
    const high = hexDigits[text.charCodeAt(at)] ?? noDigit;
    const low = hexDigits[text.charCodeAt(at + 1)] ?? noDigit;
    if ((high | low) >= noDigit) throw notAnEntry(scribe);
    bytes[to++] = (high << 4) | low;
    at += 2;
  }
  const length = (at - from) / 2;
  if (length === 0 || length > maxSerialLength) throw notAnEntry(scribe);
  bytes[scribe.to] = tags.integer;
  bytes[scribe.to + 1] = length;
  scribe.from = at + 1;
  scribe.to = to;
}

const noDigit = 0x10;

/** The value of a character as a digit of lower-case hex. */
const hexDigits = new Uint8Array(128).fill(noDigit);
for (let value = 0; value < noDigit; value++) hexDigits[value.toString(16).charCodeAt(0)] = value;

function readSeconds(scribe: Scribe): number {
  const { text } = scribe;
  let seconds = 0;
  let at = scribe.from;
  while (text.charCodeAt(at) !== blank) {
    const digit = text.charCodeAt(at) - zero;
    // Not-a-number past the end.
    if (!(digit >= 0 && digit <= 9)) throw notAnEntry(scribe);
    seconds = seconds * 10 + digit;
    at++;
  }
  if (at === scribe.from) throw notAnEntry(scribe);
  scribe.from = at + 1;
  return seconds;
}

/** The extensions for the reason at the end of the line: mostly it is the same as in the line before. */
function readReason(scribe: Scribe): Uint8Array {
  const { text, from, last } = scribe;
  if (text.startsWith(last.line, from)) {
    scribe.from += last.line.length;
    return last.extensions;
  }
  const end = text.indexOf('\n', from);
  const extensions = end < 0 ? undefined : reasonExtensions.get(text.slice(from, end));
  if (extensions === undefined) throw notAnEntry(scribe);
  scribe.from = end + 1;
  scribe.last = { line: text.slice(from, end + 1), extensions };
  return extensions;
}

/** Copies the encoded midnight of that day and puts hour, minute and second in. */
function writeTime(scribe: Scribe, seconds: number): void {
  const { bytes, midnights } = scribe;
  const second = seconds % secondsPerDay;
  const midnight = seconds - second;
  let encoded = midnights.get(midnight);
  if (encoded === undefined) {
    encoded = encodeTime(midnight);
    midnights.set(midnight, encoded);
  }
  write(scribe, encoded);
  writePair(bytes, scribe.to - 7, Math.floor(second / 3600));
  writePair(bytes, scribe.to - 5, Math.floor(second / 60) % 60);
  writePair(bytes, scribe.to - 3, second % 60);
}

function write(scribe: Scribe, content: Uint8Array): void {
  const { bytes } = scribe;
  let { to } = scribe;
  let at = 0;
  // A sixth of the whole time less than `for of`.
  while (at < content.length) bytes[to++] = content[at++] ?? 0;
  scribe.to = to;
}

function writePair(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = zero + Math.floor(value / 10);
  bytes[at + 1] = zero + (value % 10);
}

const secondsPerDay = 86_400;

/** crlEntryExtensions with reasonCode, nothing for `unspecified` (RFC 5280 5.3.1). */
const reasonExtensions: ReadonlyMap<string, Uint8Array> = new Map(
  Object.entries(revocationReasons).map(([name, code]) => [name, encodeReason(code)]),
);

function encodeReason(code: number): Uint8Array {
  if (code === revocationReasons.unspecified) return new Uint8Array();
  const value = encodeDer(tags.octetString, encodeDer(tags.enumerated, Uint8Array.of(code)));
  return encodeSequence(encodeSequence(encodeOid(oids.reasonCode), value));
}

function notAnEntry({ from }: Scribe): RangeError {
  return new RangeError(`not an entry of a revocation list: the line at character ${from}`);
}
