import { Failure } from '../failure.js';
import type { OldCertificateFate, RotationState } from './rotation-policy.js';

/** What becomes of the credentials of an approved request. */
export type CredentialsState = 'waiting' | 'revealed' | 'lapsed';

/** A request for new credentials of an access. Times in seconds UTC. */
export interface Rotation {
  readonly id: string;
  readonly accessId: string;
  /** Id of the person who alone may see the result. */
  readonly requesterId: string;
  readonly message: string;
  readonly revokeOld: OldCertificateFate;
  readonly state: RotationState;
  readonly createdAt: number;
  /** Until when somebody may decide. */
  readonly lapsesAt: number;
  readonly decidedBy: string | null;
  readonly decidedAt: number | null;
  /** What the decider said. */
  readonly decision: string | null;
  /** Why there are no new credentials. */
  readonly failure: string | null;
  readonly credentials: RotatedCredentials | undefined;
}

/** The result of an approved request: what is known of it besides the secrets. */
export interface RotatedCredentials {
  readonly state: CredentialsState;
  /** Until when they may be revealed. */
  readonly lapseAt: number;
  readonly certificateSha256: string;
  readonly revealedAt: number | null;
  /** When the certificates before are revoked, where that is still to be done. */
  readonly revokeOldAt: number | null;
}

/** The refusal of what names no request. */
export function rotationUnknown(): Failure {
  return new Failure('resource-unknown', 'Rotation request not found.');
}
