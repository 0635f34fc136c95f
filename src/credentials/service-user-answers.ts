import { isoTime } from '../iso-time.js';
import { encodePem } from '../pki/pem.js';
import { redacted } from './plain-json.js';
import type { Secrets } from './secrets.js';
import type { SecretsView } from './secrets-view.js';
import type { CurrentPair, ServiceUser } from './service-user.js';

/** How a user's secrets come to light. */
export type OpenSecrets = Pick<Secrets, 'openKey' | 'openPassword'>;

/** A service user on the wire. */
export interface ServiceUserAnswer {
  readonly username: string;
  readonly type: 'primary' | 'normal';
  readonly password: string | null;
  readonly access_cert?: string;
  readonly access_key?: string;
  readonly [field: string]: unknown;
}

/**
 * A service user as a caller sees it. Without the right to secrets there is no password and no key; where they are
 * redacted the key is left out too, for clients would write what stands for it into a file. Of credentials that are
 * withheld everybody sees the end of the certificate alone.
 */
export function describeServiceUser(
  user: ServiceUser,
  view: SecretsView,
  secrets: OpenSecrets,
): ServiceUserAnswer {
  const { username, type, accessControl, authentication, passwordUpdatedAt, pair, pending } = user;
  const { accessId } = user;
  const recipients = user.recipients.map((email) => ({ email }));
  return {
    username,
    type,
    password: passwordFor(user, view, secrets),
    ...(pair ? describePair(user, pair) : {}),
    ...(pair && view === 'shown' ? describeKey(user, pair, secrets) : {}),
    ...(pending ? { expiring_cert_not_valid_after_time: isoTime(pending.oldNotAfter) } : {}),
    recipients,
    access_control: accessControl,
    ...(authentication === null ? {} : { authentication }),
    ...(accessId === null ? {} : { governance_access_id: accessId }),
    ...(passwordUpdatedAt === null ? {} : { password_updated_time: isoTime(passwordUpdatedAt) }),
  };
}

function passwordFor(
  { id, sealedPassword, isWithheld }: ServiceUser,
  view: SecretsView,
  secrets: OpenSecrets,
): string | null {
  if (sealedPassword === null || isWithheld) return null;
  switch (view) {
    case 'shown':
      return secrets.openPassword(sealedPassword, id);
    case 'redacted':
      return redacted;
    case 'withheld':
      return null;
  }
}

function describePair({ isWithheld }: ServiceUser, { certificate, notAfter }: CurrentPair) {
  return {
    ...(isWithheld ? {} : { access_cert: certificatePem(certificate) }),
    access_cert_not_valid_after_time: isoTime(notAfter),
  };
}

function describeKey(
  { id, isWithheld }: ServiceUser,
  { sealedKey }: CurrentPair,
  secrets: OpenSecrets,
) {
  return sealedKey === null || isWithheld ? {} : { access_key: secrets.openKey(sealedKey, id) };
}

/** PEM of a certificate as a service user's row has it. */
export function certificatePem(certificate: string): string {
  return encodePem('CERTIFICATE', Buffer.from(certificate, 'base64'));
}
