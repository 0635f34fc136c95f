import type { Transaction } from 'kysely';
import type { Clock } from '../edges.js';
import { Failure } from '../failure.js';
import type { Database } from '../storage/database.js';
import { makeGroupCommit } from '../storage/group-commit.js';
import { prepare } from '../storage/prepared.js';
import type { Placeholders } from '../storage/prepared.js';
import { lockRows } from '../storage/row-lock.js';
import type { Schema } from '../storage/schema.js';
import { auditRow } from './audit.js';
import type { AuditEvent, AuditRow } from './audit.js';
import type { CertificateStore, RecordedCertificate } from './certificate-store.js';
import { claimKey } from './claim-key.js';
import { insertIssued } from './insert-certificate.js';
import type { CertificateRow } from './insert-certificate.js';

/** Everything that goes on record with one certificate, all of it or nothing. */
export interface CertificateRecord {
  /** Its line and predecessor are those of the certificate that it renews. */
  readonly certificate: CertificateRow;
  readonly event: AuditEvent;
  /** Refuses a key that was certified here before, whoever its holder is. */
  readonly needsNewKey?: boolean | undefined;
  /** A further change that must stand or fall with the certificate, such as the use of a token. */
  readonly alongside?: ((trx: Transaction<Schema>) => Promise<void>) | undefined;
}

/** What the record holds once the certificate is durable: itself, or the earlier answer to the same request. */
export type RecordCertificate = (
  record: CertificateRecord,
) => Promise<{ readonly replayed?: RecordedCertificate }>;

const holdPredecessor = prepare((db, p: Placeholders<{ sha256: string }>) =>
  lockRows(
    db,
    db
      .selectFrom('certificates')
      .select('sha256')
      .where('sha256', '=', p('sha256'))
      .where('revoked_at', 'is', null),
  ),
);

const releaseReplayKey = prepare((db, p: Placeholders<{ replayKey: string }>) =>
  db.updateTable('certificates').set({ replay_key: null }).where('replay_key', '=', p('replayKey')),
);

const insertEvent = prepare((db, p: Placeholders<AuditRow>) =>
  db.insertInto('audit_events').values({
    at: p('at'),
    level: p('level'),
    action: p('action'),
    actor: p('actor'),
    holder: p('holder'),
    certificate: p('certificate'),
    request_id: p('request_id'),
    detail: p('detail'),
    project: p('project'),
    service: p('service'),
  }),
);

/**
 * Puts certificates durably on record, those of one moment in one transaction. Throws a Failure when the predecessor or
 * the authority was revoked meanwhile or the key belongs to another holder; nothing is on record then.
 */
export function makeRecordCertificate(edges: {
  readonly database: Pick<Database, 'transaction'>;
  readonly certificates: CertificateStore;
  readonly clock: Clock;
}): RecordCertificate {
  const { certificates, clock } = edges;
  const commits = makeGroupCommit({
    database: edges.database,
    orderBy: ({ certificate }: CertificateRecord) => certificate.predecessor ?? certificate.sha256,
    write: async (trx, record) => {
      const now = clock();
      const { certificate } = record;
      // The predecessor comes first: whoever waited for it then sees what an equal request put on record.
      if (certificate.predecessor !== null) await requireUnrevoked(trx, certificate.predecessor);
      if (certificate.replay_key !== null) {
        const replayed = await settleReplay({
          trx,
          certificates,
          replayKey: certificate.replay_key,
          now,
        });
        if (replayed) return { replayed };
      }
      await record.alongside?.(trx);
      await claimKeyFor(trx, record);
      if (!(await insertIssued(trx, certificate))) throw authorityGone();
      await insertEvent.change(trx, auditRow(record.event, now));
      return {};
    },
  });
  return (record) => commits.submit(record);
}

/** Of equal requests at once the first is on record, and its certificate is the answer to all. */
async function settleReplay(input: {
  trx: Transaction<Schema>;
  certificates: CertificateStore;
  replayKey: string;
  now: number;
}): Promise<RecordedCertificate | undefined> {
  const earlier = await input.certificates.findByReplayKey(input.replayKey, input.trx);
  if (!earlier) return undefined;
  if (mayReplay(earlier, input.now)) return earlier;
  await releaseReplayKey.change(input.trx, { replayKey: input.replayKey });
  return undefined;
}

/** Whether an earlier answer may be given again: in its time, unrevoked, its authority active. `now` in seconds. */
export function mayReplay(earlier: RecordedCertificate, now: number): boolean {
  return (
    earlier.replayUntil !== null &&
    now <= earlier.replayUntil &&
    earlier.revokedAt === null &&
    earlier.authorityState === 'active'
  );
}

/** Holds the predecessor: a revocation is either seen here, or comes after the successor is on record. */
async function requireUnrevoked(trx: Transaction<Schema>, sha256: string): Promise<void> {
  if (await holdPredecessor.first(trx, { sha256 })) return;
  throw new Failure('certificate-revoked', 'Certificate has been revoked.');
}

async function claimKeyFor(
  trx: Transaction<Schema>,
  { certificate, needsNewKey = false }: CertificateRecord,
): Promise<void> {
  const { spki_sha256: spkiSha256, kind, holder } = certificate;
  const claim = await claimKey(trx, { spkiSha256, kind, holder });
  if (claim === 'new') return;
  if (needsNewKey) throw keyReused();
  if (claim === 'taken') throw keyInUse();
}

/** A gateway that cannot follow a roll-over must not hand out what every other gateway refuses. */
function authorityGone(): Failure {
  return new Failure(
    'authority-ending',
    'The authority that this gateway signs by has been retired or revoked.',
    {
      detail:
        'The operator has to see to it that this gateway follows the roll-over: its log says why it does not.',
      retryAfterSeconds: 5,
    },
  );
}

/** The refusal of a key that was certified before, where the gateway asks for a new one. */
export function keyReused(): Failure {
  return new Failure(
    'key-reused',
    'A renewal needs a new key here: this one was certified before.',
    {
      detail: 'Make a new key, for example with openssl genpkey, and request again.',
    },
  );
}

/** The refusal of a key that has another holder or was compromised: it does not say which. */
export function keyInUse(): Failure {
  return new Failure(
    'key-in-use',
    'This key cannot be used here: make a new key and request again.',
    {
      isSuspicious: true,
    },
  );
}
