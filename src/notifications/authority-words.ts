import type { LetterWords } from './letter-layout.js';
import { shellWord, utcTime } from './letter-text.js';
import type { AuthorityAnnouncement } from './outbox.js';

/** What to do before a project's next CA is active, for a link to the page of the project. */
export function authorityWords({ project, authority }: AuthorityAnnouncement): LetterWords {
  const name = shellWord(project);
  const { sha256, activateAt, notAfter } = authority;
  const when =
    activateAt === null
      ? 'An admin of the project activates it when every service trusts it.'
      : `It becomes active on ${utcTime(activateAt)}, if every service trusts it by then.`;
  return {
    subject: `${project}: a new CA is published`,
    opening: `The project ${project} has a new CA, good to ${utcTime(notAfter)}. The download of the CA certificate holds both, the present one first. ${when} From then on new certificates come from it; those that are in use stay good until the old CA is retired.`,
    lines: [`SHA-256 of the new CA: ${sha256}`],
    steps: [
      {
        text: '1. Download the CA certificates, and let every client and every service trust both.',
        commands: [`avn project ca-get --project ${name} --target-filepath ca.pem`],
      },
      {
        text: '2. Report it of each service: when the last one has, the new CA can become active.',
        commands: [`everleaf service trust-updated ${name} SERVICE --phase 1`],
      },
      {
        text: '3. After that, renew or reset the users, and give each service a new certificate.',
        commands: [],
      },
    ],
    page: 'The page of the project:',
  };
}
