import type { RecordedCertificate } from '../authority/certificate-store.js';
import { isoTime } from '../iso-time.js';
import type { CredentialFile } from './credential-files.js';
import { helpFor, nextStep, standingOf } from './holder-policy.js';
import type { ServiceUser } from './service-user.js';

/** Who the holder is, whether it has the current certificate, and what it does next. */
export function describeHolder(
  user: ServiceUser,
  { sha256, notAfter }: RecordedCertificate,
): object {
  const { pair, pending } = user;
  const next = nextStep(user, sha256);
  return {
    ...nameOf(user),
    is_current: standingOf(user, sha256) === 'current',
    not_valid_after_time: isoTime(notAfter),
    pending_renewal:
      pending && pair
        ? {
            renewed_time: isoTime(pending.renewedAt),
            old_not_valid_after_time: isoTime(pending.oldNotAfter),
            new_not_valid_after_time: isoTime(pair.notAfter),
          }
        : null,
    next,
    message: helpFor(next, user),
  };
}

/** The answer to an acknowledgement; the end is that of the certificate presented. */
export function describeAcknowledgement(
  { user, isAcknowledged }: { readonly user: ServiceUser; readonly isAcknowledged: boolean },
  { notAfter }: RecordedCertificate,
): object {
  return {
    ...nameOf(user),
    acknowledged: isAcknowledged,
    not_valid_after_time: isoTime(notAfter),
  };
}

/** Files by name, base64, as the download of credentials has them; the end is that of the new certificate. */
export function describeFetched({
  user,
  files,
}: {
  readonly user: ServiceUser;
  readonly files: readonly CredentialFile[];
}): object {
  return {
    ...nameOf(user),
    not_valid_after_time: user.pair ? isoTime(user.pair.notAfter) : null,
    files: files.map(({ name, content }) => ({
      name,
      content: Buffer.from(content).toString('base64'),
    })),
  };
}

function nameOf({ project, service, username }: ServiceUser) {
  return { project, service, username };
}
