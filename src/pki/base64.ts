import { asBuffer } from './bytes.js';

/**
 * Bytes of standard base64 (RFC 4648 section 4) with padding; CR and LF are allowed anywhere.
 * Undefined for anything else, the empty text included.
 */
export function decodeBase64(text: string): Buffer | undefined {
  const letters = /[\r\n]/.test(text) ? text.replace(/[\r\n]+/g, '') : text;
  if (letters === '') return undefined;
  const bytes = Buffer.from(letters, 'base64');
  // Node's decoder skips what it does not know and guesses padding: only the exact round trip is base64.
  return bytes.toString('base64') === letters ? bytes : undefined;
}

/** Bytes as standard base64 in one line. */
export function encodeBase64(bytes: Uint8Array): string {
  return asBuffer(bytes).toString('base64');
}
