import { z } from 'zod';
import { readJsonObject } from '../http/json-object.js';
import { readRequestText } from '../pki/request-form.js';
import { isRevocationReason, revocationReasons } from '../pki/revocation-reason.js';
import type { RevocationReason } from '../pki/revocation-reason.js';
import { techEmailsValue } from './project-requests.js';

/** `{again?}` */
export const renewal = z.object({
  again: z.boolean({ error: 'has to be true or false' }).nullish(),
});

const reasonValue = z
  .string({ error: 'has to be a string' })
  .refine(isRevocationReason, `has to be one of ${Object.keys(revocationReasons).join(', ')}`);

/** `{reason?}` */
export const revocation = z.object({ reason: reasonValue.nullish() });
/** `{csr}`, base64 */
export const certificateRequest = z.object({ csr: z.string({ error: 'has to be a string' }) });
/** `{recipients: [{email}]}` */
export const recipients = z.object({ recipients: techEmailsValue });

/** `{enabled}` */
export const selfService = z.object({
  enabled: z.boolean({ error: 'has to be true or false' }),
});

/** No body, or `{again?}`: whether a renewal that waits for its acknowledgement may be followed by another. */
export function readRenewal(body: Uint8Array): { again: boolean } {
  if (body.length === 0) return { again: false };
  return { again: readJsonObject(body, renewal).again === true };
}

/** No body, or `{reason?}` by the names of RFC 5280; superseded where none is named. */
export function readOldRevocation(body: Uint8Array): { reason: RevocationReason } {
  const reason = body.length === 0 ? null : readJsonObject(body, revocation).reason;
  return { reason: reason ?? 'superseded' };
}

/** `{csr}`, base64 of PEM -> the DER in it, not yet judged. */
export function readCertificateRequest(body: Uint8Array): Uint8Array {
  return readRequestText(readJsonObject(body, certificateRequest).csr);
}

/** `{recipients: [{email}]}` -> addresses, each once. */
export function readRecipients(body: Uint8Array): readonly string[] {
  return readJsonObject(body, recipients).recipients;
}
