import type { SerialNumber } from '../../src/pki/der.js';
import type { RevocationReason } from '../../src/pki/revocation-reason.js';

/** One entry of a revocation list; the time in seconds UTC. */
export interface Entry {
  readonly serial: SerialNumber;
  readonly revokedAt: number;
  readonly reason: RevocationReason;
}

/** The entries as the writer of revocation lists reads them. */
export function linesOf(entries: readonly Entry[]): string {
  return entries
    .map(({ serial, revokedAt, reason }) => `${serial} ${revokedAt} ${reason}\n`)
    .join('');
}
