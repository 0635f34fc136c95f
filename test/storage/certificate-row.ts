import type { Insertable } from 'kysely';
import type { Schema } from '../../src/storage/schema.js';

type Row = Insertable<Schema['certificates']>;

/** A certificate's row in which only what a test names has a meaning; the serial follows the fingerprint. */
export function certificateRow(given: Partial<Row> & Pick<Row, 'sha256'>): Row {
  return {
    authority_id: 'authority',
    serial: `serial of ${given.sha256}`,
    origin: 'issued',
    kind: 'application',
    holder: 'app',
    subject: 'CN=app',
    spki_sha256: `key of ${given.sha256}`,
    not_before: 1_000,
    not_after: 2_000,
    der: 'MAA=',
    issued_at: 1_000,
    predecessor: null,
    line: given.sha256,
    replay_key: null,
    replay_until: null,
    revoked_at: null,
    revocation_reason: null,
    ...given,
  };
}
