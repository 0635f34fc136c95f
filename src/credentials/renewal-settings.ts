import { formatDuration } from '../duration.js';
import { Failure } from '../failure.js';

/** When certificates of service users end and are renewed, in seconds; null: as the gateway's settings say. */
export interface RenewalSettings {
  readonly validitySeconds: number | null;
  readonly renewBeforeSeconds: number | null;
}

/** The same with the gateway's settings where there are no others. */
export interface EffectiveRenewalSettings {
  readonly validitySeconds: number;
  readonly renewBeforeSeconds: number;
}

/** Refuses settings with which a new certificate would be due for renewal at once: the Failure `field-invalid`. */
export function judgeRenewalSettings(
  settings: RenewalSettings,
  defaults: EffectiveRenewalSettings,
): void {
  const validity = settings.validitySeconds ?? defaults.validitySeconds;
  const renewBefore = settings.renewBeforeSeconds ?? defaults.renewBeforeSeconds;
  if (renewBefore < validity) return;
  throw new Failure(
    'field-invalid',
    `renew_before (${formatDuration(renewBefore)}) has to be shorter than certificate_validity (${formatDuration(validity)}).`,
  );
}

/**
 * The settings that count for the users of a service: its own, else the project's, else the gateway's. Settings that
 * were made apart may contradict each other: then a third of the validity is left for the renewal, for a new certificate
 * must not be due at once.
 */
export function effectiveRenewalSettings(
  service: RenewalSettings,
  project: RenewalSettings,
  defaults: EffectiveRenewalSettings,
): EffectiveRenewalSettings {
  const validitySeconds =
    service.validitySeconds ?? project.validitySeconds ?? defaults.validitySeconds;
  const renewBeforeSeconds =
    service.renewBeforeSeconds ?? project.renewBeforeSeconds ?? defaults.renewBeforeSeconds;
  if (renewBeforeSeconds < validitySeconds) return { validitySeconds, renewBeforeSeconds };
  return { validitySeconds, renewBeforeSeconds: Math.floor(validitySeconds / 3) };
}
