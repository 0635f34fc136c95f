import type { WayBack } from '../authority/require-holder.js';

/** The way back of an application or runtime. A line that lapsed goes on by a token that the operator makes for it. */
export const pairAgain: WayBack = (lapsed) => {
  const wayBack = 'Ask the operator of the gateway for a new token and pair again.';
  if (lapsed?.revokedAt !== null) return wayBack;
  const command = `everleaf token create --recover ${lapsed.sha256.slice(0, 16)}`;
  return `${wayBack} The operator makes it with: ${command}`;
};
