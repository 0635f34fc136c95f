import { hash } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { Clock, RandomBytes } from '../edges.js';
import { Failure } from '../failure.js';
import { encodeBase64 } from '../pki/base64.js';
import type { Profile } from '../pki/certificate-profile.js';
import { signCertificate } from '../pki/certificate-template.js';
import type { Der } from '../pki/der.js';
import { newSerialNumber } from '../pki/serial-number.js';
import type { Schema } from '../storage/schema.js';
import type { AuditEvent } from './audit.js';
import type { Authority } from './authority.js';
import type { CertificateKind } from './certificate-kinds.js';
import type { RecordCertificate } from './record-certificate.js';
import type { TemplateFor } from './templates.js';

/** What is to be issued. Names come from the record or the settings, never from the request. */
export interface CertificateOrder {
  readonly kind: CertificateKind;
  readonly holder: string;
  readonly subject: Der;
  readonly publicKey: { readonly spki: Der; readonly spkiSha256: string };
  readonly validitySeconds: number;
  /** How far back it begins, for relying parties whose clocks are slow; no further than its authority does. */
  readonly backdatedSeconds?: number;
  /** The certificate that it renews. */
  readonly predecessor?: { readonly sha256: string; readonly line: string };
  /** Under this key an equal request gets this certificate again. */
  readonly replayKey?: string;
  readonly needsNewKey?: boolean;
  /** Only for certificates of servers. */
  readonly hosts?: {
    readonly dnsNames: readonly string[];
    readonly ipAddresses: readonly string[];
  };
  readonly event: Omit<AuditEvent, 'holder' | 'certificate'>;
  readonly alongside?: (trx: Transaction<Schema>, issued: Issued) => Promise<void>;
  /** Instead of the active one: what the gateway needs for itself may come from an older one. */
  readonly authority?: Authority;
}

/** A certificate that is signed and about to be on record. Times in seconds UTC. */
export interface Issued {
  readonly sha256: string;
  readonly authorityId: string;
  readonly der: Der;
  readonly notBefore: number;
  readonly notAfter: number;
}

/** A certificate that is on record. */
export interface IssuedCertificate extends Issued {
  readonly isReplay: boolean;
}

export type IssueCertificate = (order: CertificateOrder) => Promise<IssuedCertificate>;

const leastRemainderSeconds = 3600;
const longestReplaySeconds = 86_400;

/**
 * The one way to issue: serial -> template -> sign -> check the signed bytes -> on record, and only then the answer.
 * A certificate never outlives its authority; within the authority's last hour nothing is issued.
 */
export function makeIssueCertificate(edges: {
  readonly activeAuthority: () => Authority;
  readonly templateFor: TemplateFor;
  readonly record: RecordCertificate;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly countIssued: (kind: CertificateKind) => void;
}): IssueCertificate {
  const { templateFor, record, clock, random, countIssued } = edges;
  return async (order) => {
    const authority = order.authority ?? edges.activeAuthority();
    const now = clock();
    const notBefore = startOfLife(now, order.backdatedSeconds ?? 0, authority);
    const notAfter = endOfLife(now, order.validitySeconds, authority);
    const serial = newSerialNumber(random);
    const { spki, spkiSha256 } = order.publicKey;
    const der = await signCertificate({
      template: templateFor(authority, profileOf(order.kind), order.hosts),
      issuer: authority.issuer,
      order: { serial, subject: order.subject, notBefore, notAfter, spki },
    });
    const sha256 = hash('sha256', der);
    const issued = { sha256, authorityId: authority.id, der, notBefore, notAfter };
    const { alongside } = order;
    const { replayed } = await record({
      certificate: {
        sha256,
        authority_id: authority.id,
        serial,
        kind: order.kind,
        holder: order.holder,
        subject: encodeBase64(order.subject),
        spki_sha256: spkiSha256,
        not_before: notBefore,
        not_after: notAfter,
        der: encodeBase64(der),
        issued_at: now,
        predecessor: order.predecessor?.sha256 ?? null,
        line: order.predecessor?.line ?? sha256,
        replay_key: order.replayKey ?? null,
        replay_until: order.replayKey === undefined ? null : now + replaySeconds(now, notAfter),
      },
      event: { ...order.event, holder: order.holder, certificate: sha256 },
      needsNewKey: order.needsNewKey,
      alongside: alongside && ((trx) => alongside(trx, issued)),
    });
    if (replayed) return { ...replayed, isReplay: true };
    countIssued(order.kind);
    return { ...issued, isReplay: false };
  };
}

function startOfLife(now: number, backdatedSeconds: number, authority: Authority): number {
  // A brought authority may begin in the future by this clock; then nothing is moved.
  const earliest = Math.min(now, authority.issuer.certificate.notBefore);
  return Math.max(now - backdatedSeconds, earliest);
}

function endOfLife(now: number, validitySeconds: number, authority: Authority): number {
  const authorityEnd = authority.issuer.certificate.notAfter;
  if (authorityEnd - now < leastRemainderSeconds) {
    throw new Failure(
      'authority-ending',
      'The authority expires within the hour and issues nothing more.',
      {
        detail: 'The operator of this gateway has to bring a new authority.',
        retryAfterSeconds: leastRemainderSeconds,
      },
    );
  }
  return Math.min(now + validitySeconds, authorityEnd);
}

function replaySeconds(notBefore: number, notAfter: number): number {
  return Math.min(longestReplaySeconds, Math.floor((notAfter - notBefore) / 3));
}

function profileOf(kind: CertificateKind): Profile {
  switch (kind) {
    case 'application':
    case 'runtime':
      return 'client';
    case 'service-user':
      return 'service-user';
    case 'service':
      return 'service';
    case 'server':
      return 'server';
    case 'ocsp':
      return 'ocsp';
  }
}
