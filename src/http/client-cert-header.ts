import { decodeBase64 } from '../pki/base64.js';

/**
 * The bytes in a Client-Cert header: one structured-field byte sequence and nothing else (RFC 9440 2.2). Padding may
 * be absent (RFC 9651 4.2.7); bits left over must be zero. Undefined for anything else.
 */
export function parseClientCertHeader(line: string): Uint8Array | undefined {
  if (line.length < 2 || !line.startsWith(':') || !line.endsWith(':')) return undefined;
  const letters = line.slice(1, -1);
  const missing = letters.includes('=') ? 0 : -letters.length & 3;
  return decodeBase64(letters + '='.repeat(missing));
}
