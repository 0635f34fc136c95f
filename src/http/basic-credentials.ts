import { decodeBase64 } from '../pki/base64.js';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** User name and password of HTTP Basic (RFC 7617 section 2); undefined where there are none, or they are malformed. */
export function readBasic(
  authorization = '',
): { readonly user: string; readonly password: string } | undefined {
  const [, letters = ''] = /^basic +(\S+)$/i.exec(authorization) ?? [];
  const bytes = decodeBase64(letters);
  const text = bytes && decodeUtf8(bytes);
  const colon = text?.indexOf(':') ?? -1;
  if (text === undefined || colon < 0) return undefined;
  return { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    // TextDecoder has no other way to say that the bytes are malformed
    return undefined;
  }
}
