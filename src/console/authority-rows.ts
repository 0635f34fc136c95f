import type { RecordedAuthority } from '../authority/authority.js';
import { writeFingerprint } from '../pki/fingerprint.js';
import { formatName, readName } from '../pki/names.js';
import { readPublicKey } from '../pki/public-key.js';
import type { Badge } from './pieces.js';

/** An authority as the pages show it. Times in seconds UTC. */
export interface AuthorityRow {
  readonly id: string;
  readonly state: string;
  readonly kind: Badge['kind'];
  readonly subject: string;
  readonly keyType: string;
  /** SHA-256, `AB:CD:...`. */
  readonly fingerprint: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly stateSince: number;
  readonly nextStepAt: number | null;
}

const kinds = { active: 'good', prepared: 'soon', retiring: 'soon', retired: 'quiet' } as const;

/** Reads what the page says of it. */
export function authorityRow(authority: RecordedAuthority): AuthorityRow {
  const { id, state, stateSince, nextStepAt, revokedAt, certificate } = authority;
  return {
    id,
    state: revokedAt === null ? state : `${state}, revoked`,
    kind: revokedAt === null ? kinds[state] : 'bad',
    subject: formatName(readName(certificate.subject)),
    keyType: readPublicKey(certificate.spki).type,
    fingerprint: writeFingerprint(certificate.sha256),
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
    stateSince,
    nextStepAt,
  };
}
