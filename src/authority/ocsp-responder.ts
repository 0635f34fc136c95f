import { hash } from 'node:crypto';
import type { Clock, Log } from '../edges.js';
import { generateKey, makeSigner } from '../pki/authority-key.js';
import { readCertificate } from '../pki/certificate-facts.js';
import type { CertificateFacts } from '../pki/certificate-facts.js';
import type { Issuer } from '../pki/certificate-template.js';
import { buildSubject } from '../pki/names.js';
import type { Authority } from './authority.js';
import type { FindStatus } from './certificate-status-store.js';
import type { IssueCertificate } from './issue-certificate.js';

/** The certificate and key that sign OCSP answers for an authority now. */
export type CurrentResponder = (authority: Authority) => Promise<Issuer>;

const validitySeconds = 14 * 86_400;

/** It signs as soon as it is there, and openssl forgives a slow clock in an answer but not in a certificate. */
const backdatedSeconds = 3600;
const name = 'Everleaf OCSP responder';

/**
 * The responder to which the authority delegates (RFC 6960 4.2.2.2), made on the way of a request when there is none,
 * half of its life is over, or it was revoked. Its key lives in this process alone, so every replica has its own.
 */
export function makeCurrentResponder(edges: ResponderEdges): CurrentResponder {
  const responders = new Map<string, () => Promise<Issuer>>();
  return (authority) => {
    const known = responders.get(authority.id) ?? makeResponderOf(authority, edges);
    responders.set(authority.id, known);
    return known();
  };
}

interface ResponderEdges {
  readonly issue: IssueCertificate;
  readonly findStatus: FindStatus;
  readonly clock: Clock;
  readonly log: Log;
}

function makeResponderOf(authority: Authority, edges: ResponderEdges): () => Promise<Issuer> {
  const { findStatus, clock } = edges;
  let current: Issuer | undefined;
  let underWay: Promise<Issuer> | undefined;

  /** Relying parties do not look up its revocation (id-pkix-ocsp-nocheck), so this is the place to heed one. */
  async function isUnrevoked({ serial }: CertificateFacts): Promise<boolean> {
    return (await findStatus({ authorityId: authority.id, serial })).state === 'good';
  }

  return async () => {
    if (
      current !== undefined &&
      isFresh(current.certificate, { now: clock(), authority }) &&
      (await isUnrevoked(current.certificate))
    ) {
      return current;
    }
    underWay ??= makeResponder(authority, edges).finally(() => {
      underWay = undefined;
    });
    current = await underWay;
    return current;
  };
}

function isFresh(
  { notBefore, notAfter }: CertificateFacts,
  { now, authority }: { readonly now: number; readonly authority: Authority },
): boolean {
  if (now < notBefore || now > notAfter) return false;
  // One that ends with its authority cannot be renewed for longer.
  const endsWithAuthority = notAfter >= authority.issuer.certificate.notAfter;
  return endsWithAuthority || now < notBefore + (notAfter - notBefore) / 2;
}

async function makeResponder(
  authority: Authority,
  { issue, log }: ResponderEdges,
): Promise<Issuer> {
  const signer = makeSigner(await generateKey('ec-p256'));
  const { spki } = signer;
  const { der, sha256, notAfter } = await issue({
    kind: 'ocsp',
    holder: name,
    subject: buildSubject({ CN: name, O: '', OU: '', L: '', ST: '', C: '' }),
    publicKey: { spki, spkiSha256: hash('sha256', spki) },
    validitySeconds,
    backdatedSeconds,
    authority,
    event: { action: 'certificate.ocsp', actor: 'gateway' },
  });
  log.info({ certificate: sha256, notAfter }, 'made a new OCSP responder certificate');
  return { certificate: readCertificate(der), signer };
}
