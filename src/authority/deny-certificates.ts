import type { Kysely } from 'kysely';
import type { Clock } from '../edges.js';
import type { RevocationReason } from '../pki/revocation-reason.js';
import { retryTransient } from '../storage/retry-transient.js';
import type { Schema } from '../storage/schema.js';
import { slicesOf } from '../storage/slices.js';
import { auditRow } from './audit.js';
import type { RecordEvent } from './audit.js';
import type { DeniedCertificates } from './denied-certificates.js';
import { gatewayPurpose, holdAuthorities } from './hold-authorities.js';
import { revokeIn } from './revoke-certificate.js';
import type { PlaceOfHolder } from './revoke-certificate.js';

export interface DenialOrder {
  readonly sha256s: readonly string[];
  readonly reason: RevocationReason;
  readonly actor: string;
  readonly requestId?: string | undefined;
}

/** How many were noted now, revoked now because they are on record, and noted or revoked before. */
export interface DenialOutcome {
  readonly added: number;
  readonly revoked: number;
  readonly known: number;
}

export type DenyCertificates = (order: DenialOrder) => Promise<DenialOutcome>;

interface DenyEdges {
  readonly transaction: <T>(work: (trx: Kysely<Schema>) => Promise<T>) => Promise<T>;
  readonly denied: Pick<DeniedCertificates, 'add'>;
  readonly recordEvent: RecordEvent;
  readonly placeOf: PlaceOfHolder;
  readonly clock: Clock;
}

/**
 * Revokes certificates by their SHA-256, on record or not: all of them or none. What is on record is revoked there;
 * the others are noted, and are never adopted. No adoption comes in between.
 */
export function makeDenyCertificates(edges: DenyEdges): DenyCertificates {
  return (order) => retryTransient(() => edges.transaction((trx) => denyIn(trx, order, edges)));
}

async function denyIn(
  trx: Kysely<Schema>,
  order: DenialOrder,
  edges: DenyEdges,
): Promise<DenialOutcome> {
  const { reason, actor, requestId } = order;
  const sha256s = [...new Set(order.sha256s)];
  await holdAuthorities(trx, gatewayPurpose);
  let [added, revoked] = [0, 0];
  for (const some of slicesOf(sha256s)) {
    const onRecord = await trx
      .selectFrom('certificates')
      .select(['sha256', 'kind', 'holder', 'origin'])
      .where('sha256', 'in', some)
      .orderBy('sha256')
      .execute();
    for (const certificate of onRecord) {
      const place = edges.placeOf(certificate);
      const one = { certificate, place, reason, actor, requestId };
      const { isNew } = await revokeIn(trx, one, edges);
      if (isNew) revoked += 1;
    }
    const others = some.filter((one) => onRecord.every(({ sha256 }) => sha256 !== one));
    const noted = await edges.denied.add({ sha256s: others, reason }, trx);
    const at = edges.clock();
    const events = noted.map((certificate) =>
      auditRow(
        { action: 'certificate.denied', actor, certificate, requestId, detail: { reason } },
        at,
      ),
    );
    if (events.length > 0) await trx.insertInto('audit_events').values(events).execute();
    added += noted.length;
  }
  return { added, revoked, known: sha256s.length - added - revoked };
}
