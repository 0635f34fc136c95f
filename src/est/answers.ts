import type { ServerResponse } from 'node:http';
import { sendText } from '../http/text-answer.js';
import { asBuffer } from '../pki/bytes.js';
import { encodeCertsOnly } from '../pki/certs-only.js';
import { encodeCsrAttributes } from '../pki/csr-attributes.js';
import type { Der } from '../pki/der.js';

/** The CA certificates (RFC 7030 4.1.3). */
export function sendCaCertificates(response: ServerResponse, certificates: readonly Der[]): void {
  sendBase64(response, 'application/pkcs7-mime', encodeCertsOnly(certificates));
}

/** The issued certificate, alone (RFC 7030 4.2.3). */
export function sendCertificate(response: ServerResponse, certificate: Der): void {
  const contentType = 'application/pkcs7-mime; smime-type=certs-only';
  sendBase64(response, contentType, encodeCertsOnly([certificate]));
}

/** What a certification request should have (RFC 7030 4.5.2). */
export function sendCsrAttributes(response: ServerResponse): void {
  sendBase64(response, 'application/csrattrs', encodeCsrAttributes());
}

/** In one line without an end: white space is optional (RFC 8951 3.1), and not every client skips it. */
function sendBase64(response: ServerResponse, contentType: string, der: Der): void {
  sendText(response, { status: 200, contentType, text: asBuffer(der).toString('base64') });
}
