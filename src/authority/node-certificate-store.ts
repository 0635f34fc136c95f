import type { Kysely } from 'kysely';
import { encodeBase64 } from '../pki/base64.js';
import type { Der } from '../pki/der.js';
import type { Schema } from '../storage/schema.js';

/** A certificate of a server of a service. Times in seconds UTC. */
export interface NodeCertificate {
  readonly sha256: string;
  readonly der: Uint8Array;
  readonly notAfter: number;
  readonly revokedAt: number | null;
}

export interface NodeCertificateStore {
  /** Those of a service that have not ended, at most 1,000; the first to end comes first. */
  list(query: {
    readonly holder: string;
    /** Since when the service is there: one of its name before it had others. */
    readonly issuedSince: number;
    readonly now: number;
  }): Promise<NodeCertificate[]>;
  /** Whether one with this subject is good at `now`. */
  hasSubject(
    query: { readonly holder: string; readonly subject: Der; readonly now: number },
    trx: Kysely<Schema>,
  ): Promise<boolean>;
}

const mostListed = 1000;

/** The SQL of the certificates that services present. */
export function makeNodeCertificateStore(db: Kysely<Schema>): NodeCertificateStore {
  return {
    list: async ({ holder, issuedSince, now }) => {
      const rows = await unended(db, { holder, now })
        .select(['sha256', 'der', 'not_after', 'revoked_at'])
        .where('issued_at', '>=', issuedSince)
        .orderBy('not_after')
        .orderBy('sha256')
        .limit(mostListed)
        .execute();
      return rows.map((row) => ({
        sha256: row.sha256,
        der: Buffer.from(row.der, 'base64'),
        notAfter: row.not_after,
        revokedAt: row.revoked_at,
      }));
    },
    hasSubject: async ({ holder, subject, now }, trx) => {
      const row = await unended(trx, { holder, now })
        .select('sha256')
        .where('subject', '=', encodeBase64(subject))
        .where('revoked_at', 'is', null)
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },
  };
}

function unended(
  db: Kysely<Schema>,
  { holder, now }: { readonly holder: string; readonly now: number },
) {
  return db
    .selectFrom('certificates')
    .where('holder', '=', holder)
    .where('kind', '=', 'service')
    .where('not_after', '>=', now);
}
