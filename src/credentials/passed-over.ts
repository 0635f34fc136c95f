import { passedOverFor } from './renew-now-policy.js';
import type { PassedOverFor } from './renew-now-policy.js';

/** A user whom an order for many leaves as it is, and why. */
export interface PassedOver {
  readonly service: string;
  readonly username: string;
  readonly reason: PassedOverFor;
}

/** As many of those who were passed over stand in an answer; the rest is counted. */
const mostNamed = 200;

/** Those who were passed over, on the wire. */
export function describePassedOver(passedOver: readonly PassedOver[]): object {
  return {
    passed_over_count: passedOver.length,
    passed_over: passedOver
      .slice(0, mostNamed)
      .map((one) => ({ ...one, message: passedOverFor[one.reason] })),
  };
}
