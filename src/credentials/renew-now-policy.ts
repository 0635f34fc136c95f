import { hasCertificates } from './service.js';
import type { Service } from './service.js';

/** What decides whether a service user gets a new certificate because somebody asks for it. */
export interface AskedRenewal {
  readonly service: Pick<Service, 'type' | 'userConfig' | 'isPowered'>;
  /** Whether an access owns the user. */
  readonly isGoverned: boolean;
  readonly hasCertificate: boolean;
  readonly isRevoked: boolean;
  readonly isPending: boolean;
  /** Whether a renewal that nobody has acknowledged may be followed by another. */
  readonly again: boolean;
}

/** Why a user is passed over: a word for programs, and what is to be done. */
export const passedOverFor = {
  governed:
    'The user belongs to an access, its governance_access_id: ask for a rotation of that, everleaf rotation request ACCESS.',
  'service-off': 'The service is powered off: power it on first.',
  'certificates-off': 'The users of the service have no certificates.',
  'no-certificate': 'The user has no certificate: reset the credentials.',
  revoked: 'The certificate was revoked: reset the credentials.',
  unacknowledged:
    'A renewal waits for its acknowledgement: acknowledge it, or ask again with "again": true, on the command line --again.',
  changed: 'The user has changed meanwhile.',
} as const;

export type PassedOverFor = keyof typeof passedOverFor;

/** Undefined where nothing stands against it. */
export function judgeAskedRenewal(asked: AskedRenewal): PassedOverFor | undefined {
  if (asked.isGoverned) return 'governed';
  if (!asked.service.isPowered) return 'service-off';
  if (!hasCertificates(asked.service)) return 'certificates-off';
  if (!asked.hasCertificate) return 'no-certificate';
  if (asked.isRevoked) return 'revoked';
  return asked.isPending && !asked.again ? 'unacknowledged' : undefined;
}
