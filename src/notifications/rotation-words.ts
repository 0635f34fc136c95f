import { formatDuration } from '../duration.js';
import type { LetterWords, Quote } from './letter-layout.js';
import { utcDay, utcTime } from './letter-text.js';
import type { RotationAnnouncement } from './outbox.js';
import { rotationStepsFor } from './rotation-steps.js';

/** What became of a request for new credentials: never a secret; for a link to the page of the request. */
export function rotationWords(announcement: RotationAnnouncement): LetterWords {
  const { project, service, rotation } = announcement;
  return {
    subject: `${project}/${service}: rotation of ${rotation.accessName} ${outcomeOf(announcement)}`,
    opening: openingOf(announcement),
    quotes: quotesOf(announcement),
    lines: linesOf(announcement),
    steps: rotationStepsFor(announcement),
    page: 'The page of the request:',
  };
}

function outcomeOf({ kind, rotation: { requester, until } }: RotationAnnouncement): string {
  switch (kind) {
    case 'rotation-requested':
      return `waits for approval, asked for by ${requester}`;
    case 'rotation-deleted':
      return 'was taken back';
    case 'rotation-declined':
      return 'was declined';
    case 'rotation-approved':
      return 'was approved';
    case 'rotation-failed':
      return 'has failed';
    case 'rotation-lapsed':
      return 'has lapsed, nobody decided';
    case 'credentials-ready':
      return `is ready${until === null ? '' : `, reveal it before ${utcDay(until)}`}`;
    case 'credentials-revealed':
      return 'was revealed';
    case 'credentials-lapsed':
      return 'has lapsed, nobody revealed it';
  }
}

function openingOf({ kind, project, service, rotation }: RotationAnnouncement): string {
  const { requester, accessName, username, address } = rotation;
  const decider = rotation.decider ?? 'Another member of the group';
  const whose = `the service user ${username} of ${project}/${service} (access ${accessName})`;
  const until = rotation.until === null ? 'the end of its time' : utcTime(rotation.until);
  switch (kind) {
    case 'rotation-requested':
      return `${requester} asks for new credentials of ${whose}. You or another member of the group ${rotation.groupName} may approve or decline that by ${until}; then it lapses.`;
    case 'rotation-deleted':
      return `${requester} took back the request for new credentials of ${whose}. There is nothing to decide any more, and nothing has changed.`;
    case 'rotation-declined':
      return `${decider} declined the request of ${requester} for new credentials of ${whose}. Nothing has changed: the present ones work on.`;
    case 'rotation-approved':
      return `${decider} approved the request of ${requester} for new credentials of ${whose}. They are made, and ${requester} alone can reveal them, once, until ${until}. Until the reveal nothing changes: the present ones work on.`;
    case 'rotation-failed':
      return `${decider} approved the request of ${requester} for new credentials of ${whose}, but they could not be made. Nothing has changed: the present ones work on.`;
    case 'rotation-lapsed':
      return `Nobody decided by ${until} on the request of ${requester} for new credentials of ${whose}: it has lapsed. Nothing has changed: the present ones work on.`;
    case 'credentials-ready':
      return `${decider} approved your request for new credentials of ${whose}. They are shown to you alone, and once, until ${until}; then they are erased. The present ones work on until you reveal the new ones.`;
    case 'credentials-revealed':
      return `${requester} revealed the new credentials of ${whose}${address === null ? '' : `, from the address ${address}`}. They are the credentials of the user now, and are not shown again to anybody.`;
    case 'credentials-lapsed':
      return `Nobody revealed the new credentials of ${whose} that ${requester} had asked for. They are erased, since their time is over or newer ones took their place, and their certificate is revoked. The ones in use are not touched.`;
  }
}

/** People's own words stand apart from what the gateway says. */
function quotesOf({ kind, rotation }: RotationAnnouncement): Quote[] {
  const { requester, decider, message, decision } = rotation;
  const asked = { whose: `${requester} wrote with the request:`, text: message };
  if (decision === null || decision === '') return [asked];
  const verb = kind === 'rotation-declined' ? 'declining' : 'approving';
  const decided = { whose: `${decider ?? 'The decider'} wrote when ${verb} it:`, text: decision };
  return kind === 'rotation-declined' ? [decided, asked] : [asked, decided];
}

function linesOf({ kind, project, service, rotation }: RotationAnnouncement): string[] {
  const { accessName, accessId, groupName, username, id, requester, decider, failure } = rotation;
  return [
    ...(failure === null ? [] : [`Why it failed: ${failure}`]),
    `Access: ${accessName} (${accessId}), owned by the group ${groupName}`,
    `Service user: ${username} of the service ${service} of the project ${project}`,
    `Request: ${id}, by ${requester}${decider === null ? '' : `, decided by ${decider}`}`,
    ...(fateMatters[kind] ? [fateOf(rotation)] : []),
  ];
}

/** Where nothing changes nobody has to know what would have become of the old certificate. */
const fateMatters: Readonly<Record<RotationAnnouncement['kind'], boolean>> = {
  'rotation-requested': true,
  'rotation-deleted': false,
  'rotation-declined': false,
  'rotation-approved': true,
  'rotation-failed': false,
  'rotation-lapsed': false,
  'credentials-ready': true,
  'credentials-revealed': true,
  'credentials-lapsed': false,
};

/** What becomes of the old credentials. */
function fateOf({ revokeOld, graceSeconds }: RotationAnnouncement['rotation']): string {
  const certificate = {
    at_once: 'revoked by the reveal',
    after_grace: `works on for ${formatDuration(graceSeconds)} after the reveal, then it is revoked`,
    keep: 'works on to its own end',
  }[revokeOld];
  return `Old password: replaced by the reveal. Old certificate: ${certificate}`;
}
