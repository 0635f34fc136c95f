import type { Kysely } from 'kysely';
import type { Schema } from '../storage/schema.js';
import { clientKinds, isClientKind } from './certificate-kinds.js';
import type { ClientKind } from './certificate-kinds.js';

/** The certificate with which a client comes, before it ends. */
export interface EndingCertificate {
  readonly sha256: string;
  readonly kind: ClientKind;
  readonly holder: string;
  /** Seconds UTC. */
  readonly notAfter: number;
}

/** Those of clients that are valid at `now` and end by `until`, were not renewed and not revoked, by their end. */
export type ListEndingCertificates = (range: {
  readonly now: number;
  readonly until: number;
}) => Promise<EndingCertificate[]>;

/** Reads along the ends of the certificates; a successor is found by its holder. */
export function makeListEndingCertificates(db: Kysely<Schema>): ListEndingCertificates {
  return async ({ now, until }) => {
    const rows = await db
      .selectFrom('certificates as c')
      .select(['c.sha256', 'c.kind', 'c.holder', 'c.not_after as notAfter'])
      .where('c.kind', 'in', clientKinds)
      .where('c.not_after', '>', now)
      .where('c.not_after', '<=', until)
      .where('c.revoked_at', 'is', null)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('certificates as successor')
              .select('successor.sha256')
              .whereRef('successor.holder', '=', 'c.holder')
              .whereRef('successor.kind', '=', 'c.kind')
              .whereRef('successor.predecessor', '=', 'c.sha256'),
          ),
        ),
      )
      .orderBy('c.not_after')
      .execute();
    return rows.flatMap(({ kind, ...row }) => (isClientKind(kind) ? [{ ...row, kind }] : []));
  };
}
