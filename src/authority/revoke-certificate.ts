import type { Kysely } from 'kysely';
import type { Clock } from '../edges.js';
import type { RevocationReason } from '../pki/revocation-reason.js';
import type { Schema } from '../storage/schema.js';
import { retryTransient } from '../storage/retry-transient.js';
import type { RecordEvent } from './audit.js';
import type { RecordedCertificate } from './certificate-store.js';
import { outdateRevocationLists } from './revocation-list-store.js';
import { markCompromised, markLineCompromised, markRevoked } from './revocation-store.js';

export interface RevocationOrder {
  readonly certificate: Pick<RecordedCertificate, 'sha256' | 'holder' | 'origin'>;
  /** Where its holder belongs to a project: the members may read of it. */
  readonly place?: PlaceInProject | undefined;
  readonly reason: RevocationReason;
  readonly actor: string;
  readonly requestId?: string | undefined;
}

/** A user of a service, or without `username` one of its servers. */
export interface PlaceInProject {
  readonly project: string;
  readonly service: string;
  readonly username?: string;
}

/** Undefined for any other holder. */
export type PlaceOfHolder = (
  certificate: Readonly<Record<'kind' | 'holder', string>>,
) => PlaceInProject | undefined;

/** Revokes; doing it again changes nothing. `descendants`: how many successors went with it. */
export type RevokeCertificate = (
  order: Omit<RevocationOrder, 'certificate' | 'place'> & {
    readonly certificate: RevocationOrder['certificate'] & Pick<RecordedCertificate, 'kind'>;
  },
) => Promise<{ readonly isNew: boolean; readonly descendants: number }>;

interface RevokeEdges {
  readonly transaction: <T>(work: (trx: Kysely<Schema>) => Promise<T>) => Promise<T>;
  readonly recordEvent: RecordEvent;
  readonly placeOf: PlaceOfHolder;
  readonly clock: Clock;
}

/**
 * Revocation covers one certificate; keyCompromise also covers all that has its key or was renewed from it, and bars
 * the keys. It is
 * on record and audited before the call returns; the revocation list follows at once.
 */
export function makeRevokeCertificate(edges: RevokeEdges): RevokeCertificate {
  return (order) => {
    const place = edges.placeOf(order.certificate);
    return retryTransient(() =>
      edges.transaction((trx) => revokeIn(trx, { ...order, place }, edges)),
    );
  };
}

/** The same inside a transaction that changes more than this. */
export async function revokeIn(
  trx: Kysely<Schema>,
  { certificate, reason, actor, requestId, place }: RevocationOrder,
  { clock, recordEvent }: Pick<RevokeEdges, 'clock' | 'recordEvent'>,
): Promise<{ readonly isNew: boolean; readonly descendants: number }> {
  const now = clock();
  const { sha256, holder } = certificate;
  const isNew = await markRevoked(trx, { sha256, reason, now });
  const isCompromised = reason === 'keyCompromise';
  const { revoked: descendants, barredKeys } = isCompromised
    ? await markLineCompromised(trx, { sha256, holder, now })
    : { revoked: 0, barredKeys: 0 };
  const isGraver = isCompromised && !isNew && (await markCompromised(trx, sha256));
  if (isNew || isGraver || descendants > 0) await outdateRevocationLists(trx, holder);
  if (isNew || isGraver || descendants > 0 || barredKeys > 0) {
    await recordEvent(
      {
        level: isCompromised ? 'warning' : 'info',
        action: 'certificate.revoked',
        actor,
        holder,
        certificate: sha256,
        requestId,
        project: place?.project,
        service: place?.service,
        detail: {
          reason,
          descendants,
          username: place?.username,
          ...(isPublished(certificate) ? {} : { isPublished: false }),
        },
      },
      trx,
    );
  }
  return { isNew, descendants };
}

/** Whether revocation list and OCSP tell of a certificate: an adopted one may share its serial number with others. */
export function isPublished({ origin }: Pick<RecordedCertificate, 'origin'>): boolean {
  return origin === 'issued';
}
