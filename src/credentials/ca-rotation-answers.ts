import { isoTime } from '../iso-time.js';
import type { CaRotation } from './find-ca-rotation.js';

/** Where the CA of a project stands, on the wire. */
export function describeCaRotation({ phase, authorities, services, users }: CaRotation): object {
  return {
    phase,
    authorities: authorities.map(({ id, certificate, state, stateSince, nextStepAt }) => ({
      authority_id: id,
      sha256: certificate.sha256,
      state,
      state_since_time: isoTime(stateSince),
      not_valid_after_time: isoTime(certificate.notAfter),
      next_step_time: nextStepAt === null ? null : isoTime(nextStepAt),
    })),
    services: services.map(({ service, trustUpdate, presented }) => ({
      service_name: service,
      trust_update: trustUpdate,
      presented_ca_sha256: presented?.certificate.sha256 ?? null,
    })),
    users_on_retiring_ca: users.map(({ service, username, sha256, notAfter, isCurrent }) => ({
      service_name: service,
      username,
      sha256,
      not_valid_after_time: isoTime(notAfter),
      is_current: isCurrent,
    })),
  };
}
