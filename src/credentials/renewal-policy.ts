import { hasCertificates } from './service.js';
import type { Service } from './service.js';
import type { EffectiveRenewalSettings } from './renewal-settings.js';

/** What decides about the renewal of one service user. Times in seconds UTC. */
export interface RenewalCase {
  readonly now: number;
  /** End of the certificate in use, be its own renewal acknowledged or not. */
  readonly notAfter: number;
  readonly service: Pick<Service, 'type' | 'userConfig' | 'isPowered'>;
  readonly settings: EffectiveRenewalSettings;
  /** Somebody asked for it: then it is due whenever the certificate ends. */
  readonly isAsked?: boolean;
}

/** Whether a service user gets a new pair now: nobody without power or certificate authentication does. */
export function isDue({ now, notAfter, service, settings, isAsked }: RenewalCase): boolean {
  if (!service.isPowered || !hasCertificates(service)) return false;
  return isAsked === true || notAfter - now <= settings.renewBeforeSeconds;
}

/** Whether a new certificate would end later: none outlives the authority that signs it. */
export function isGain(
  { now, notAfter, settings }: Omit<RenewalCase, 'service'>,
  authorityNotAfter: number,
): boolean {
  return Math.min(now + settings.validitySeconds, authorityNotAfter) > notAfter;
}
