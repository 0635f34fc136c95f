import { listCommand } from './announcement-commands.js';
import type { Step } from './letter-layout.js';
import { shellWord } from './letter-text.js';
import type { RotationAnnouncement } from './outbox.js';

/** What the reader of a letter about a request has to do. */
export function rotationStepsFor(announcement: RotationAnnouncement): readonly Step[] {
  const { requester, decider } = announcement.rotation;
  const { approve, decline, reveal, ask } = commandsOf(announcement);
  switch (announcement.kind) {
    case 'rotation-requested':
      return [
        {
          text: `1. If you did not know of it, ask ${requester} first, by another way than this mail.`,
          commands: [],
        },
        {
          text: '2. Approve it, on the page of the request or by this command, which first shows what you approve:',
          commands: [approve],
        },
        { text: '3. Or decline it, and say why:', commands: [decline] },
      ];
    case 'rotation-deleted':
      return [];
    case 'rotation-declined':
    case 'rotation-lapsed':
    case 'credentials-lapsed':
      return [{ text: 'Where new credentials are still needed, ask again:', commands: [ask] }];
    case 'rotation-failed':
      return [{ text: 'Put right what it failed for, and ask again:', commands: [ask] }];
    case 'rotation-approved':
      return [
        {
          text: `There is nothing to do for you. If you know a reason against it, tell ${requester} and ${decider ?? 'the others of the group'} now. An admin of the organisation erases the new credentials by deleting the access, as long as they are not revealed.`,
          commands: [],
        },
      ];
    case 'credentials-ready':
      return readySteps(announcement.rotation, reveal);
    case 'credentials-revealed':
      return revealedSteps(announcement, ask);
  }
}

function readySteps(
  { username }: RotationAnnouncement['rotation'],
  reveal: string,
): readonly Step[] {
  return [
    {
      text: '1. Have a safe place ready. What is revealed is not shown again: an answer that is lost on the way means another rotation.',
      commands: [],
    },
    { text: '2. Reveal it, on the page of the request or by', commands: [reveal] },
    {
      text: `3. Take password, key and certificate into use in every client of ${username}.`,
      commands: [],
    },
    {
      text: 'If you did not ask for this, do not reveal it. Somebody acts in your name: tell the others of the group, change your password and revoke your access tokens.',
      commands: [],
    },
  ];
}

function revealedSteps(announcement: RotationAnnouncement, ask: string): readonly Step[] {
  const { project, service, rotation } = announcement;
  const { requester, username } = rotation;
  return [
    {
      text: `If that was ${requester}, there is nothing to do but to take the new credentials into use in every client of ${username}.`,
      commands: [],
    },
    {
      text: `If it was not, somebody else has them: ${requester} changes password and revokes access tokens, an operator of the gateway revokes what this lists,`,
      commands: [listCommand({ project, service, username })],
    },
    {
      text: 'and a member of the group asks for another rotation, as also when the answer was lost on its way:',
      commands: [`${ask} --revoke-old at_once`],
    },
  ];
}

/** What to type. */
function commandsOf({ rotation }: RotationAnnouncement) {
  const access = shellWord(rotation.accessId);
  const request = `${access} ${shellWord(rotation.id)}`;
  return {
    approve: `everleaf rotation approve ${request}`,
    decline: `everleaf rotation decline ${request} --reason 'WHY'`,
    reveal: `everleaf rotation reveal ${request} --dir FOLDER`,
    ask: `everleaf rotation request ${access} --message 'WHY'`,
  };
}
