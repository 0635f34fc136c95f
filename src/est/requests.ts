import type { Request } from 'express';
import { Failure } from '../failure.js';
import { bodyOf } from '../http/read-body.js';
import { decodeBase64 } from '../pki/base64.js';

const remedy = 'Send base64 of DER: openssl req -in FILE -outform DER | openssl base64.';
const pemStart = '-----BEGIN ';

/**
 * The certification request in the body, not yet judged: base64 of DER (RFC 7030 4.2.1) with white space anywhere (RFC
 * 8951 3.1); Content-Transfer-Encoding says nothing any more (RFC 8951 section 1). Throws a Failure that says what to
 * send; PEM is refused like the rest, since RFC 7030 has no such form and the next server would not take it.
 */
export function readPkcs10(request: Request): Uint8Array {
  requirePkcs10Type(request.headers['content-type']);
  const text = bodyOf(request).toString('latin1');
  const der = decodeBase64(text.replace(/[ \t]+/g, ''));
  if (!der) {
    const what = text.includes(pemStart) ? 'is PEM' : 'is not base64';
    throw new Failure('base64-malformed', `The request body ${what}.`, { detail: remedy });
  }
  if (der.subarray(0, pemStart.length).toString('latin1') === pemStart) {
    throw new Failure('request-malformed', 'The request body is base64 of PEM.', {
      detail: remedy,
    });
  }
  return der;
}

/** RFC 7030 4.2.1; parameters say nothing, letter case neither (RFC 9110 8.3.1). */
function requirePkcs10Type(contentType = ''): void {
  const [mediaType = ''] = contentType.split(';');
  if (mediaType.trim().toLowerCase() === 'application/pkcs10') return;
  throw new Failure('media-type-unsupported', 'The Content-Type is not application/pkcs10.', {
    detail: "Set it: curl -H 'Content-Type: application/pkcs10' --data-binary @FILE.",
  });
}
