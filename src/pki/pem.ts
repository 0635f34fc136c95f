import { decodeBase64 } from './base64.js';
import { asBuffer } from './bytes.js';

/** One encapsulated structure (RFC 7468 section 2): its label and the bytes inside, not yet judged. */
export interface PemBlock {
  readonly label: string;
  readonly der: Uint8Array;
}

const opening = '-----BEGIN ';
const dashes = '-----';
const columns = 64;

/** All well-formed blocks of a text, in order (RFC 7468); malformed ones are left out. Linear in its length. */
export function readPemBlocks(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  let from = text.indexOf(opening);
  while (from !== -1) {
    const labelStart = from + opening.length;
    const labelEnd = text.indexOf(dashes, labelStart);
    if (labelEnd === -1) break;
    const bodyStart = labelEnd + dashes.length;
    const bodyEnd = text.indexOf(dashes, bodyStart);
    if (bodyEnd === -1) break;
    const label = text.slice(labelStart, labelEnd);
    const closing = `-----END ${label}-----`;
    const isLine = from === 0 || isLineBreak(text[from - 1]);
    if (isLine && isLabel(label) && text.startsWith(closing, bodyEnd)) {
      const der = decodeBody(text.slice(bodyStart, bodyEnd));
      if (der !== undefined) blocks.push({ label, der });
      from = text.indexOf(opening, bodyEnd + closing.length);
    } else {
      // Never back to what was searched already: hostile text would cost quadratic time.
      from = text.indexOf(opening, isLabel(label) ? bodyEnd : labelEnd);
    }
  }
  return blocks;
}

/** PEM of 64 columns with LF, a line feed at the end (RFC 7468 section 3). */
export function encodePem(label: string, der: Uint8Array): string {
  const letters = asBuffer(der).toString('base64');
  let text = `-----BEGIN ${label}-----\n`;
  for (let at = 0; at < letters.length; at += columns) {
    text += letters.slice(at, at + columns) + '\n';
  }
  return `${text}-----END ${label}-----\n`;
}

function decodeBody(body: string): Buffer | undefined {
  if (!/^[ \t]*[\r\n]/.test(body) || !isLineBreak(body.at(-1))) return undefined;
  return decodeBase64(body) ?? decodeBase64(body.replace(/[ \t]+/g, ''));
}

function isLabel(label: string): boolean {
  return label.length <= columns && /^[\x20-\x7e]+$/.test(label);
}

function isLineBreak(letter: string | undefined): boolean {
  return letter === '\n' || letter === '\r';
}
