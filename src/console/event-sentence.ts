import { describeEvent, text } from '../credentials/event-words.js';
import type { LatestEvent } from '../credentials/latest-events.js';

type Words = (holder: string, detail: LatestEvent['detail']) => string;

/** Of what has a holder: a person or an application. */
const wordsOfHolder: Readonly<Record<string, Words>> = {
  'certificate.enrolled': (holder) => `${holder} got a certificate with a token.`,
  'certificate.renewed': (holder) => `${holder} renewed its certificate.`,
  'certificate.recovered': (holder) => `${holder} got a certificate after its last had lapsed.`,
  'certificate.adopted': (holder) => `A certificate of ${holder} from before was adopted.`,
  'certificate.hinted': (holder) => `${holder} is asked to renew early.`,
  'certificate.revoked': (holder) => `A certificate of ${holder} was revoked.`,
  'certificate.server': (holder) => `The gateway got a server certificate for ${holder}.`,
  'token.created': (holder) => `A token for ${holder} was made.`,
  'token.withdrawn': (holder) => `A token for ${holder} was withdrawn.`,
  'token.exchanged': (holder) => `${holder} read what its certificate has to be.`,
  'user.added': (holder) => `${holder} was added.`,
  'user.signed-in': (holder) => `${holder} signed in.`,
  'user.signed-out': (holder) => `${holder} signed out.`,
  'user.sign-in-refused': (holder) => `${holder} could not sign in.`,
  'user.session-began': (holder) => `A session of ${holder} began.`,
  'user.linked': (holder) => `${holder} signs in with OpenID Connect from now on.`,
  'user.unlinked': (holder) => `${holder} has no OpenID Connect identity any more.`,
  'user.password-changed': (holder) => `The password of ${holder} was changed.`,
  'user.disabled': (holder) => `${holder} was disabled.`,
  'user.enabled': (holder) => `${holder} may sign in again.`,
  'user.role-changed': (holder, { from, to }) =>
    `The role of ${holder} on this gateway: ${text(to)} after ${text(from)}.`,
  'user-token.created': (holder) => `An access token of ${holder} was made.`,
};

const wordsOfGateway: Readonly<Record<string, (detail: LatestEvent['detail']) => string>> = {
  'access-token.created': ({ name, role }) =>
    `An operator's access token was made: ${text(name)}, ${text(role)}.`,
  'access-token.withdrawn': ({ id }) => `The operator's access token ${text(id)} was withdrawn.`,
  'authority.created': () => 'The first authority of the gateway was made.',
  'authority.prepared': () => 'The next authority of the gateway was made, and is published.',
  'authority.activated': () => 'The next authority of the gateway signs from now on.',
  'authority.retired': () => 'An authority of the gateway is no longer in use.',
  'authority.revoked': () => 'An authority was revoked.',
  'authority.scheduled': ({ step }) =>
    `The date of the next step of an authority was set: ${text(step)}.`,
  'certificate.denied': () => 'A certificate was put on the deny list.',
  'certificate.ocsp': () => 'The OCSP responder got a new certificate.',
  'group.changed': ({ name }) => `The group ${text(name)} was changed.`,
  'group.created': ({ name }) => `The group ${text(name)} was made.`,
  'group.deleted': ({ name }) => `The group ${text(name)} was deleted.`,
  'group.members-added': ({ name, members }) =>
    `The group ${text(name)} has ${counted(members)} more.`,
  'group.members-removed': ({ name, members }) =>
    `The group ${text(name)} has ${counted(members)} less.`,
  'identity-header.ignored': () =>
    'A header that names a client came from an address that is no proxy of this gateway.',
  'organization.created': ({ name }) => `The organization ${text(name)} was made.`,
  'organization.member-added': ({ email }) => `${text(email)} became a member of an organization.`,
  'organization.member-removed': ({ email }) =>
    `${text(email)} is no member of an organization any more.`,
  'request.refused': ({ reason }) => `A request was refused: ${text(reason)}.`,
  'token.withdrawn': () => 'A token of an application was withdrawn.',
};

/** An event in words for people, of a project or of the gateway; one without words is told by its name. */
export function sentenceOf(event: LatestEvent): string {
  const { project, holder, action, detail } = event;
  if (project !== null) return describeEvent(event);
  if (holder === null) return wordsOfGateway[action]?.(detail) ?? action;
  const words = wordsOfHolder[action]?.(holder, detail) ?? wordsOfGateway[action]?.(detail);
  return words ?? `${action}: ${holder}`;
}

function counted(members: unknown): string {
  const count = Array.isArray(members) ? members.length : 0;
  return count === 1 ? 'one member' : `${String(count)} members`;
}
