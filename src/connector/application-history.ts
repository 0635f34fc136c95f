import type { Kysely } from 'kysely';
import { clientKinds } from '../authority/certificate-kinds.js';
import { asDer } from '../pki/der.js';
import type { Der } from '../pki/der.js';
import type { AuthorityState, Schema } from '../storage/schema.js';
import type { Holder } from './client.js';

/** A certificate of a client and what befell it. Times in seconds UTC. */
export interface PastCertificate extends Holder {
  readonly sha256: string;
  readonly serial: string;
  readonly line: string;
  readonly predecessor: string | null;
  readonly subject: Der;
  readonly issuedAt: number;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly revokedAt: number | null;
  readonly revocationReason: string | null;
  readonly authorityId: string;
  readonly authorityState: AuthorityState;
  /** What the audit log has of it, the oldest first. */
  readonly events: readonly CertificateEvent[];
}

/** An entry of the audit log. */
export interface CertificateEvent {
  readonly at: number;
  /** `certificate.enrolled`, `certificate.renewed`, `certificate.revoked`, ... */
  readonly action: string;
  readonly actor: string;
  /** The id of the token that gave the certificate, where one did. */
  readonly token: string | undefined;
}

/** Every certificate of a client, those that end last first, up to `limit`. */
export type ReadHistory = (holder: string, limit: number) => Promise<PastCertificate[]>;

/** Reads certificates and their events by their holder: the audit log has an index of holders. */
export function makeReadHistory(db: Kysely<Schema>): ReadHistory {
  return async (holder, limit) => {
    const rows = await selectCertificates(db, holder).limit(limit).execute();
    const certificates = rows.map(({ sha256 }) => sha256);
    const events = await readEvents(db, holder, certificates);
    return rows.map(({ kind, subject, ...row }) => ({
      ...row,
      kind: kind === 'runtime' ? 'runtime' : 'application',
      subject: asDer(Buffer.from(subject, 'base64')),
      events: events.get(row.sha256) ?? [],
    }));
  };
}

function selectCertificates(db: Kysely<Schema>, holder: string) {
  return db
    .selectFrom('certificates as c')
    .innerJoin('authorities as a', 'a.id', 'c.authority_id')
    .select(['c.sha256', 'c.serial', 'c.kind', 'c.holder', 'c.line', 'c.predecessor', 'c.subject'])
    .select(['c.issued_at as issuedAt', 'c.not_before as notBefore', 'c.not_after as notAfter'])
    .select(['c.revoked_at as revokedAt', 'c.revocation_reason as revocationReason'])
    .select(['c.authority_id as authorityId', 'a.state as authorityState'])
    .where('c.holder', '=', holder)
    .where('c.kind', 'in', clientKinds)
    .orderBy('c.not_after', 'desc')
    .orderBy('c.sha256');
}

async function readEvents(
  db: Kysely<Schema>,
  holder: string,
  certificates: readonly string[],
): Promise<Map<string, CertificateEvent[]>> {
  const bySha256 = new Map<string, CertificateEvent[]>();
  if (certificates.length === 0) return bySha256;
  const rows = await db
    .selectFrom('audit_events')
    .select(['certificate', 'at', 'action', 'actor', 'detail'])
    .where('holder', '=', holder)
    .where('certificate', 'in', certificates)
    .orderBy('id')
    .execute();
  for (const { certificate, at, action, actor, detail } of rows) {
    const sha256 = certificate ?? '';
    const event = { at, action, actor, token: tokenIn(detail) };
    bySha256.set(sha256, [...(bySha256.get(sha256) ?? []), event]);
  }
  return bySha256;
}

function tokenIn(detail: string): string | undefined {
  const value: unknown = JSON.parse(detail);
  if (typeof value !== 'object' || value === null || !('token' in value)) return undefined;
  return typeof value.token === 'string' ? value.token : undefined;
}
