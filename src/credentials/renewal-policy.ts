import { hasCertificates } from './service.js';
import type { Service } from './service.js';
import type { EffectiveRenewalSettings, RenewalSettings } from './renewal-settings.js';

/** What decides about the renewal of one service user. Times in seconds UTC. */
export interface RenewalCase {
  readonly now: number;
  /** End of the certificate in use, be its own renewal acknowledged or not. */
  readonly notAfter: number;
  readonly service: Pick<Service, 'type' | 'userConfig' | 'isPowered'>;
  readonly settings: EffectiveRenewalSettings;
  /** No certificate outlives the authority that signs it. */
  readonly authorityNotAfter: number;
}

/**
 * `due`: a new pair is made. `not-yet`, `powered-off` and `no-certificates` (nobody authenticates by them) leave the user
 * as it is. `authority-ending`: the authority's own end is all that a new certificate could reach.
 */
export type RenewalJudgement =
  'due' | 'not-yet' | 'powered-off' | 'no-certificates' | 'authority-ending';

/** Whether a service user gets a new pair now. */
export function judgeRenewal({
  now,
  notAfter,
  service,
  settings,
  authorityNotAfter,
}: RenewalCase): RenewalJudgement {
  if (!service.isPowered) return 'powered-off';
  if (!hasCertificates(service)) return 'no-certificates';
  if (notAfter - now > leadOf(settings)) return 'not-yet';
  const newNotAfter = Math.min(now + settings.validitySeconds, authorityNotAfter);
  return newNotAfter > notAfter ? 'due' : 'authority-ending';
}

/** The settings of a service, of its project and of the gateway: the first that says something counts. */
export function effectiveSettings(
  service: RenewalSettings,
  project: RenewalSettings,
  defaults: EffectiveRenewalSettings,
): EffectiveRenewalSettings {
  return {
    validitySeconds: service.validitySeconds ?? project.validitySeconds ?? defaults.validitySeconds,
    renewBeforeSeconds:
      service.renewBeforeSeconds ?? project.renewBeforeSeconds ?? defaults.renewBeforeSeconds,
  };
}

/** Settings that were changed one by one may contradict each other: no new certificate is due at once. */
function leadOf({ validitySeconds, renewBeforeSeconds }: EffectiveRenewalSettings): number {
  return renewBeforeSeconds < validitySeconds
    ? renewBeforeSeconds
    : Math.floor(validitySeconds / 3);
}
