import type { CertificateStore } from '../authority/certificate-store.js';
import type { Der } from '../pki/der.js';
import { buildSubject } from '../pki/names.js';
import type { SubjectFields } from '../pki/names.js';
import { subjectFieldsOf } from './client.js';
import { findLapsed } from './recover-certificate.js';
import type { EnrolmentToken } from './token-store.js';

/** The subject of the certificate that a token gives: of the lapsed one that it continues, or a new one. */
export function makeSubjectFor(edges: {
  readonly certificates: Pick<CertificateStore, 'findBySha256'>;
  readonly subject: Omit<SubjectFields, 'CN'>;
}): (token: EnrolmentToken) => Promise<Der> {
  return async (token) =>
    token.predecessor === null
      ? buildSubject(subjectFieldsOf(token, edges.subject))
      : (await findLapsed(edges.certificates, token)).subject;
}
