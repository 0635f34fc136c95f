import { asBuffer } from './bytes.js';
import { tags } from './der-content.js';
import { encodeDer } from './der-writer.js';
import type { Der } from './der.js';

// The byte order mark is kept: it is a character of the value like any other.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of a UTF8String, PrintableString or IA5String; undefined for other types and for broken encodings. */
export function decodeText(tag: number, content: Uint8Array): string | undefined {
  if (tag === tags.printableString || tag === tags.ia5String) {
    return isAscii(content) ? asBuffer(content).toString('latin1') : undefined;
  }
  if (tag !== tags.utf8String) return undefined;
  if (isAscii(content)) return asBuffer(content).toString('latin1');
  try {
    return utf8.decode(content);
  } catch {
    // Overlong, cut off or a surrogate: not UTF-8 (RFC 3629 section 3), so it equals nothing.
    return undefined;
  }
}

/** PrintableString where the alphabet allows it, else UTF8String (RFC 5280 4.1.2.4); throws for lone surrogates. */
export function encodeText(text: string): Der {
  if (isPrintable(text)) return encodeDer(tags.printableString, Buffer.from(text, 'latin1'));
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.toString('utf8') !== text) throw new RangeError('the text is not well-formed Unicode');
  return encodeDer(tags.utf8String, bytes);
}

/** Whether the text fits PrintableString (X.680 41.4). */
export function isPrintable(text: string): boolean {
  return /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text);
}

function isAscii(content: Uint8Array): boolean {
  for (const byte of content) if (byte >= 0x80) return false;
  return true;
}
