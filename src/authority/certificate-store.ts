import type { Kysely } from 'kysely';
import { asDer } from '../pki/der.js';
import type { Der } from '../pki/der.js';
import { prepare } from '../storage/prepared.js';
import type { Placeholders } from '../storage/prepared.js';
import type { AuthorityState, CertificateOrigin, Schema } from '../storage/schema.js';
import { isCertificateKind } from './certificate-kinds.js';
import type { CertificateKind, ClientKind } from './certificate-kinds.js';

/** A certificate as the record knows it. Times in seconds UTC, hashes in lower-case hex. */
export interface RecordedCertificate {
  readonly sha256: string;
  readonly authorityId: string;
  readonly authorityState: AuthorityState;
  readonly serial: string;
  readonly origin: CertificateOrigin;
  readonly kind: CertificateKind;
  readonly holder: string;
  /** The subject's Name, as it stands in the certificate. */
  readonly subject: Der;
  readonly spkiSha256: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly der: Der;
  readonly predecessor: string | null;
  readonly line: string;
  readonly replayUntil: number | null;
  readonly revokedAt: number | null;
  readonly revocationReason: string | null;
  /** Since when its holder should renew it at once: for its own sake or its authority's. */
  readonly hintedAt: number | null;
}

export interface CertificateStore {
  findBySha256(sha256: string, executor?: Kysely<Schema>): Promise<RecordedCertificate | undefined>;
  /** The certificate that was the answer to the same request before, whether or not it may still be replayed. */
  findByReplayKey(
    replayKey: string,
    executor?: Kysely<Schema>,
  ): Promise<RecordedCertificate | undefined>;
  /** To whom a key belongs and whether it was compromised; undefined for a key never seen here. */
  findKey(
    spkiSha256: string,
  ): Promise<
    { readonly kind: string; readonly holder: string; readonly isCompromised: boolean } | undefined
  >;
  /** Whether a client holds a certificate that is valid at `now`, in seconds. */
  isPaired(
    client: { readonly kind: ClientKind; readonly holder: string },
    now: number,
  ): Promise<boolean>;
  /** Those that end first come first, of those that end at or after `endsAfter`, in seconds. */
  list(filter: {
    readonly holder?: string | undefined;
    readonly endsAfter: number;
    readonly limit: number;
  }): Promise<RecordedCertificate[]>;
  /** Certificates whose SHA-256 or serial number begins so: how people name one. */
  findByPrefix(prefix: string): Promise<RecordedCertificate[]>;
}

const findBySha256 = prepare((db, p: Placeholders<{ sha256: string }>) =>
  selectRecorded(db).where('c.sha256', '=', p('sha256')),
);

const findByReplayKey = prepare((db, p: Placeholders<{ replayKey: string }>) =>
  selectRecorded(db).where('c.replay_key', '=', p('replayKey')),
);

const findKey = prepare((db, p: Placeholders<{ spkiSha256: string }>) =>
  db.selectFrom('public_keys').selectAll().where('spki_sha256', '=', p('spkiSha256')),
);

/** The SQL that reads certificates. Every query on the way of a request uses an index and is compiled once. */
export function makeCertificateStore(db: Kysely<Schema>): CertificateStore {
  return {
    findBySha256: async (sha256, executor = db) =>
      fromRow(await findBySha256.first(executor, { sha256 })),
    findByReplayKey: async (replayKey, executor = db) =>
      fromRow(await findByReplayKey.first(executor, { replayKey })),
    findKey: async (spkiSha256) => {
      const row = await findKey.first(db, { spkiSha256 });
      return (
        row && { kind: row.kind, holder: row.holder, isCompromised: row.compromised_at !== null }
      );
    },
    isPaired: async ({ kind, holder }, now) => {
      const row = await db
        .selectFrom('certificates')
        .select('sha256')
        .where('holder', '=', holder)
        .where('kind', '=', kind)
        .where('not_after', '>=', now)
        .where('revoked_at', 'is', null)
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },
    list: async ({ holder, endsAfter, limit }) => {
      let query = selectRecorded(db)
        .where('c.not_after', '>=', endsAfter)
        .orderBy('c.not_after')
        .limit(limit);
      if (holder !== undefined) query = query.where('c.holder', '=', holder);
      return (await query.execute()).map(recorded);
    },
    findByPrefix: async (prefix) => {
      const end = `${prefix}g`; // after the last hex digit
      const rows = await selectRecorded(db)
        .where((where) =>
          where.or([
            where.and([where('c.sha256', '>=', prefix), where('c.sha256', '<', end)]),
            where.and([where('c.serial', '>=', prefix), where('c.serial', '<', end)]),
          ]),
        )
        .limit(10)
        .execute();
      return rows.map(recorded);
    },
  };
}

function selectRecorded(db: Kysely<Schema>) {
  return db
    .selectFrom('certificates as c')
    .innerJoin('authorities as a', 'a.id', 'c.authority_id')
    .select([
      'c.sha256',
      'c.authority_id',
      'a.state as authority_state',
      'c.serial',
      'c.origin',
      'c.kind',
      'c.holder',
      'c.subject',
      'c.spki_sha256',
      'c.not_before',
      'c.not_after',
      'c.der',
      'c.predecessor',
      'c.line',
      'c.replay_until',
      'c.revoked_at',
      'c.revocation_reason',
      'c.issued_at',
      'c.hinted_at',
      'a.hinted_at as authority_hinted_at',
    ]);
}

type Row = Awaited<ReturnType<ReturnType<typeof selectRecorded>['execute']>>[number];

function fromRow(row: Row | undefined): RecordedCertificate | undefined {
  return row && recorded(row);
}

function recorded(row: Row): RecordedCertificate {
  if (!isCertificateKind(row.kind))
    throw new Error(`certificate ${row.sha256} is of an unknown kind`);
  return {
    sha256: row.sha256,
    authorityId: row.authority_id,
    authorityState: row.authority_state,
    serial: row.serial,
    origin: row.origin,
    kind: row.kind,
    holder: row.holder,
    subject: asDer(Buffer.from(row.subject, 'base64')),
    spkiSha256: row.spki_sha256,
    notBefore: row.not_before,
    notAfter: row.not_after,
    der: asDer(Buffer.from(row.der, 'base64')),
    predecessor: row.predecessor,
    line: row.line,
    replayUntil: row.replay_until,
    revokedAt: row.revoked_at,
    revocationReason: row.revocation_reason,
    hintedAt: row.hinted_at ?? authorityHint(row),
  };
}

/** The successor of a certificate that its authority had renewed is not concerned, though it may be of the same one. */
function authorityHint({ authority_hinted_at: hintedAt, ...row }: Row): number | null {
  if (hintedAt === null || row.authority_state !== 'active') return hintedAt;
  return row.issued_at <= hintedAt ? hintedAt : null;
}
