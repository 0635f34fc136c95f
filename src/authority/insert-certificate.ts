import type { Kysely } from 'kysely';
import { prepare } from '../storage/prepared.js';
import type { Placeholders } from '../storage/prepared.js';
import type { Schema } from '../storage/schema.js';

/** A certificate as a row of `certificates`. DER in base64, times in seconds UTC. */
export interface CertificateRow {
  readonly sha256: string;
  readonly authority_id: string;
  readonly serial: string;
  readonly kind: string;
  readonly holder: string;
  readonly subject: string;
  readonly spki_sha256: string;
  readonly not_before: number;
  readonly not_after: number;
  readonly der: string;
  readonly issued_at: number;
  readonly predecessor: string | null;
  readonly line: string;
  readonly replay_key: string | null;
  readonly replay_until: number | null;
}

/**
 * Puts a certificate that was issued here on record; false where its authority is not trusted any more, on the record
 * and whatever this process knows of it. A responder speaks for its authority as long as anybody may ask.
 */
export async function insertIssued(trx: Kysely<Schema>, row: CertificateRow): Promise<boolean> {
  return (await insertCertificate.change(trx, row)) === 1;
}

const columns = [
  'sha256',
  'authority_id',
  'serial',
  'kind',
  'holder',
  'subject',
  'spki_sha256',
  'not_before',
  'not_after',
  'der',
  'issued_at',
  'predecessor',
  'line',
  'replay_key',
  'replay_until',
] as const satisfies readonly (keyof CertificateRow)[];

const insertCertificate = prepare((db, p: Placeholders<CertificateRow>) =>
  db
    .insertInto('certificates')
    .columns([...columns, 'origin'])
    .expression((from) =>
      from
        .selectFrom('authorities')
        .select(({ val }) => [
          ...columns.map((name) => p(name).as(name)),
          val('issued').as('origin'),
        ])
        .where('id', '=', p('authority_id'))
        .where((where) =>
          where.or([
            where.and([
              where('state', 'in', ['active', 'retiring']),
              where('revoked_at', 'is', null),
            ]),
            where(p('kind'), '=', 'ocsp'),
          ]),
        ),
    ),
);
