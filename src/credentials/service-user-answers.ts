import { isoTime } from '../http/iso-time.js';
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
 * redacted the key is left out too, for clients would write what stands for it into a file.
 */
export function describeServiceUser(
  user: ServiceUser,
  view: SecretsView,
  secrets: OpenSecrets,
): ServiceUserAnswer {
  const { username, type, accessControl, authentication, passwordUpdatedAt, pair, pending } = user;
  const recipients = user.recipients.map((email) => ({ email }));
  return {
    username,
    type,
    password: passwordFor(user, view, secrets),
    ...(pair ? describePair(pair) : {}),
    ...(pair && view === 'shown' ? describeKey(user, pair, secrets) : {}),
    ...(pending ? { expiring_cert_not_valid_after_time: isoTime(pending.oldNotAfter) } : {}),
    recipients,
    access_control: accessControl,
    ...(authentication === null ? {} : { authentication }),
    ...(passwordUpdatedAt === null ? {} : { password_updated_time: isoTime(passwordUpdatedAt) }),
  };
}

function passwordFor(
  { id, sealedPassword }: ServiceUser,
  view: SecretsView,
  secrets: OpenSecrets,
): string | null {
  if (sealedPassword === null) return null;
  switch (view) {
    case 'shown':
      return secrets.openPassword(sealedPassword, id);
    case 'redacted':
      return redacted;
    case 'withheld':
      return null;
  }
}

function describePair({ certificate, notAfter }: CurrentPair) {
  return {
    access_cert: certificatePem(certificate),
    access_cert_not_valid_after_time: isoTime(notAfter),
  };
}

function describeKey({ id }: ServiceUser, { sealedKey }: CurrentPair, secrets: OpenSecrets) {
  return sealedKey === null ? {} : { access_key: secrets.openKey(sealedKey, id) };
}

/** PEM of a certificate as a service user's row has it. */
export function certificatePem(certificate: string): string {
  return encodePem('CERTIFICATE', Buffer.from(certificate, 'base64'));
}
