import type { RecordedState } from '../http/client-identity.js';
import { shellWord } from '../notifications/letter-text.js';

/** A certificate of an application as its page judges it. */
interface JudgedCertificate {
  readonly sha256: string;
  readonly state: RecordedState | 'revoked';
  readonly revokedAt: number | null;
  readonly revocationReason: string | null;
  /** Whom the audit log names. */
  readonly revokedBy: string | undefined;
}

/** Why an application is refused, and how it gets back in. */
export interface Standstill {
  readonly state: JudgedCertificate['state'];
  /** Whether it has to make another key. */
  readonly needsNewKey: boolean;
  /** Makes a token that goes on with the line of the last certificate; there is none of a revoked one. */
  readonly recovery: string | undefined;
}

/** What keeps the holder of these certificates out, those that end last first; undefined where one of them is good. */
export function standstillOf(
  holder: string,
  certificates: readonly JudgedCertificate[],
): Standstill | undefined {
  const [last] = certificates;
  const isGood = certificates.some(({ state }) => state === 'valid' || state === 'not-yet-valid');
  if (!last || isGood) return undefined;
  const { state } = last;
  return {
    state,
    needsNewKey: certificates.some(({ revocationReason }) => revocationReason === 'keyCompromise'),
    recovery: state === 'revoked' ? undefined : recoveryOf(holder),
  };
}

/** A name that begins like an option is none after `--recover=`. */
function recoveryOf(holder: string): string {
  return `npx everleaf token create --recover=${shellWord(holder)}`;
}

/** The certificate whose revocation took this one along: the audit log has one entry for both. */
export function revokedWith<One extends JudgedCertificate>(
  one: One,
  all: readonly One[],
): One | undefined {
  if (one.revokedAt === null || one.revokedBy !== undefined) return undefined;
  return all.find(
    ({ revokedAt, revokedBy, revocationReason }) =>
      revokedBy !== undefined &&
      revokedAt === one.revokedAt &&
      revocationReason === one.revocationReason,
  );
}
