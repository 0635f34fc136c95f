import { createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { ExportOrder } from '../../src/credentials/export-credentials.js';
import type { CertificateFacts } from '../../src/pki/certificate-facts.js';
import type { Issuer } from '../../src/pki/certificate-template.js';
import { asDer } from '../../src/pki/der.js';
import { encodePem } from '../../src/pki/pem.js';
import { issue, orderOf } from '../pki/issuing.js';
import { makeKey } from '../support/requests.js';
import type { TestKeyType } from '../support/requests.js';

/** What a service user has on record, and an order to export it. */
export interface TestCredentials {
  readonly key: KeyObject;
  readonly certificate: CertificateFacts;
  readonly order: ExportOrder;
}

/** A service user's key, certified by the first of the authorities; all of them are published. */
export async function makeCredentials(
  issuers: readonly [Issuer, ...Issuer[]],
  type: TestKeyType = 'prime256v1',
): Promise<TestCredentials> {
  const key = makeKey(type);
  const spki = asDer(createPublicKey(key).export({ format: 'der', type: 'spki' }));
  const order = orderOf('prime256v1', { spki });
  const certificate = await issue({ issuer: issuers[0], profile: 'service-user', order });
  return {
    key,
    certificate,
    order: {
      username: 'Alice',
      keyPem: pemOfKey(key),
      certificatePem: pemOf(certificate.der),
      caPem: issuers.map((issuer) => pemOf(issuer.certificate.der)).join(''),
      password: 'correct horse',
    },
  };
}

/** PKCS#8. */
export function pemOfKey(key: KeyObject): string {
  return String(key.export({ format: 'pem', type: 'pkcs8' }));
}

/** A certificate in PEM. */
export function pemOf(der: Uint8Array): string {
  return encodePem('CERTIFICATE', der);
}
