import type { Kysely } from 'kysely';
import type { Clock } from '../edges.js';
import type { RevocationReason } from '../pki/revocation-reason.js';
import type { Schema } from '../storage/schema.js';
import type { RecordEvent } from './audit.js';
import { markLineCompromised, markRevoked } from './revocation-store.js';

export interface RevocationOrder {
  readonly certificate: { readonly sha256: string; readonly holder: string };
  readonly reason: RevocationReason;
  readonly actor: string;
  readonly requestId?: string | undefined;
}

/** Revokes; doing it again changes nothing. `descendants`: how many successors went with it. */
export type RevokeCertificate = (
  order: RevocationOrder,
) => Promise<{ readonly isNew: boolean; readonly descendants: number }>;

/**
 * Revocation covers one certificate; keyCompromise also covers all that was renewed from it, and bars the keys. It is
 * on record and audited before the call returns; the revocation list follows at once.
 */
export function makeRevokeCertificate(edges: {
  readonly transaction: <T>(work: (trx: Kysely<Schema>) => Promise<T>) => Promise<T>;
  readonly recordEvent: RecordEvent;
  readonly clock: Clock;
}): RevokeCertificate {
  return async ({ certificate, reason, actor, requestId }) => {
    return edges.transaction(async (trx) => {
      const now = edges.clock();
      const { sha256, holder } = certificate;
      const isNew = await markRevoked(trx, { sha256, reason, now });
      const isCompromised = reason === 'keyCompromise';
      const descendants = isCompromised
        ? await markLineCompromised(trx, { sha256, holder, now })
        : 0;
      if (isNew || descendants > 0) {
        await edges.recordEvent(
          {
            level: isCompromised ? 'warning' : 'info',
            action: 'certificate.revoked',
            actor,
            holder,
            certificate: sha256,
            requestId,
            detail: { reason, descendants },
          },
          trx,
        );
      }
      return { isNew, descendants };
    });
  };
}
