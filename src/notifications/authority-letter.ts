import { escaped } from './announcement-layout.js';
import type { Letter } from './announcement-layout.js';
import { shellWord, utcTime } from './announcement-words.js';
import type { AuthorityAnnouncement } from './outbox.js';
import { printable } from './printable.js';

/** What to do before a project's next CA is active, as text and as HTML; `consoleUrl` is the page of the project. */
export function authorityLetter(announcement: AuthorityAnnouncement, consoleUrl: string): Letter {
  const { project, authority } = announcement;
  const { opening, steps } = wordsOf(announcement);
  const page = 'The page of the project:';
  const fingerprint = `SHA-256 of the new CA: ${authority.sha256}`;
  const lines = steps.flatMap(({ what, command }, index) => [
    `${String(index + 1)}. ${what}`,
    ...(command === undefined ? [] : [`   ${command}`]),
  ]);
  const paragraph = (text: string): string => `<p>${escaped(text)}</p>`;
  const url = escaped(consoleUrl);
  return {
    subject: printable(`${project}: a new CA is published`),
    text: `${[opening, '', ...lines, '', fingerprint, `${page} ${consoleUrl}`].join('\n')}\n`,
    html: [
      '<!DOCTYPE html><html lang="en"><body>',
      paragraph(opening),
      ...steps.flatMap(({ what, command }, index) => [
        paragraph(`${String(index + 1)}. ${what}`),
        ...(command === undefined ? [] : [`<pre>${escaped(command)}</pre>`]),
      ]),
      paragraph(fingerprint),
      `<p>${escaped(page)} <a href="${url}">${url}</a></p>`,
      '</body></html>',
    ].join('\n'),
  };
}

function wordsOf({ project, authority }: AuthorityAnnouncement) {
  const name = shellWord(project);
  const { activateAt, notAfter } = authority;
  const when =
    activateAt === null
      ? 'An admin of the project activates it when every service trusts it.'
      : `It becomes active on ${utcTime(activateAt)}, if every service trusts it by then.`;
  return {
    opening: printable(
      `The project ${project} has a new CA, good to ${utcTime(notAfter)}. The download of the CA certificate holds both, the present one first. ${when} From then on new certificates come from it; those that are in use stay good until the old CA is retired.`,
    ),
    steps: [
      {
        what: 'Download the CA certificates, and let every client and every service trust both.',
        command: `avn project ca-get --project ${name} --target-filepath ca.pem`,
      },
      {
        what: 'Report it of each service: when the last one has, the new CA can become active.',
        command: `everleaf service trust-updated ${name} SERVICE --phase 1`,
      },
      { what: 'After that, renew or reset the users, and give each service a new certificate.' },
    ] as readonly { readonly what: string; readonly command?: string }[],
  };
}
