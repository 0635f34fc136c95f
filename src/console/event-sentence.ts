import { describeEvent } from '../credentials/event-words.js';
import type { LatestEvent } from '../credentials/latest-events.js';

const wordsOf: Readonly<Record<string, (holder: string) => string>> = {
  'certificate.enrolled': (holder) => `${holder} got a certificate with a token.`,
  'certificate.renewed': (holder) => `${holder} renewed its certificate.`,
  'certificate.recovered': (holder) => `${holder} got a certificate after its last had lapsed.`,
  'certificate.revoked': (holder) => `A certificate of ${holder} was revoked.`,
  'token.created': (holder) => `A token for ${holder} was made.`,
  'token.exchanged': (holder) => `${holder} read what its certificate has to be.`,
  'user.signed-in': (holder) => `${holder} signed in.`,
  'user.signed-out': (holder) => `${holder} signed out.`,
};

/** An event in words for people, of a project or of the gateway; one without words is told by its name. */
export function sentenceOf(event: LatestEvent): string {
  const { project, holder, action } = event;
  if (project !== null) return describeEvent(event);
  if (holder === null) return action;
  return wordsOf[action]?.(holder) ?? `${action}: ${holder}`;
}
