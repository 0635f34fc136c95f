import { formatDuration } from '../duration.js';
import type { ProjectEvent } from './event-store.js';

type Words = (detail: ProjectEvent['detail']) => string;

const wordsOf: Readonly<Record<string, Words>> = {
  'project.created': () => 'The project was created.',
  'project.deleted': () => 'The project was deleted.',
  'project.changed': (detail) => `The project was changed: ${changesIn(detail)}.`,
  'project.member-added': ({ email, role }) => `${text(email)} became a member as ${text(role)}.`,
  'project.member-invited': ({ email, role }) => `${text(email)} was invited as ${text(role)}.`,
  'project.invitation-accepted': ({ email, role }) =>
    `${text(email)} accepted the invitation as ${text(role)}.`,
  'project.invitation-withdrawn': ({ email }) => `The invitation of ${text(email)} was withdrawn.`,
  'project.member-changed': ({ email, role, oldRole }) =>
    `${text(email)} became ${text(role)} after ${text(oldRole)}.`,
  'project.member-removed': ({ email, role }) =>
    `${text(email)}, ${text(role)}, was removed from the project.`,
  'project.webhook-added': ({ host }) => `A webhook to ${text(host)} was added.`,
  'project.webhook-removed': ({ id }) => `The webhook ${text(id)} was removed.`,
  'authority.created': () => 'The CA of the project was made.',
  'certificate.revoked': ({ username, reason }) =>
    `A certificate of ${typeof username === 'string' ? username : 'a server'} was revoked: ${text(reason)}.`,
  'authority.prepared': () => 'The next CA of the project was made, and is published.',
  'authority.activated': () => 'The next CA of the project signs from now on.',
  'authority.retired': () => 'A CA of the project is no longer in use.',
  'authority.scheduled': ({ step }) =>
    `The date of the next step of the CA was set: ${text(step)}.`,
  'service.trust-updated': ({ phase }) =>
    phase === 1
      ? 'The service trusts both CAs of the project.'
      : 'The service presents a certificate of the new CA.',
  'service.created': ({ type }) => `The service was created, of type ${text(type)}.`,
  'service.changed': () => 'The service was changed.',
  'service.deleted': () => 'The service was deleted, its certificates were revoked.',
  'service.certified': ({ names }) => `A server certificate was issued for ${listed(names)}.`,
  'service-user.created': ({ username }) => `The user ${text(username)} was created.`,
  'service-user.renewed': ({ username, key }) =>
    `${text(username)} got ${renewedFor(key)}; the renewal waits for its acknowledgement.`,
  'service.renewals-asked': ({ users }) =>
    `The renewal of ${String(users)} users of the service was asked for.`,
  'project.renewals-asked': ({ users }) =>
    `The renewal of ${String(users)} users of the project was asked for.`,
  'service-user.old-revoked': ({ username, reason }) =>
    `The older certificates of ${text(username)} were revoked: ${text(reason)}.`,
  'service-user.request-kept': ({ username, key }) =>
    `A certification request of ${text(username)} waits for the next renewal, for the key with SHA-256 ${text(key)}.`,
  'service-user.request-withdrawn': ({ username }) =>
    `The certification request of ${text(username)} was withdrawn.`,
  'service-user.recipients-changed': ({ username, recipients }) =>
    `Who else hears of ${text(username)}: ${listed(recipients)}.`,
  'service-user.acknowledged': ({ username }) =>
    `The renewal of ${text(username)} was acknowledged.`,
  'service-user.self-service-changed': ({ username, isEnabled }) =>
    `Self-service of ${text(username)} was switched ${isEnabled === true ? 'on' : 'off'}.`,
  'service-user.fetched': ({ username, address }) =>
    `${text(username)} fetched its new credentials from ${text(address)} with the old certificate.`,
  'service-user.reset': ({ username }) => `The credentials of ${text(username)} were reset.`,
  'service-user.access-changed': ({ username }) =>
    `The access control of ${text(username)} was changed.`,
  'announcement.retried': ({ channel }) =>
    `An announcement that had failed by ${text(channel)} is tried again.`,
  'service-user.deleted': ({ username }) =>
    `The user ${text(username)} was deleted, its certificates were revoked.`,
};

/** Members of the project read them: what people wrote of a request is for those who may decide, and left out. */
const governanceWords: Readonly<Record<string, Words>> = {
  'access.created': ({ username, accessName }) =>
    `The access ${text(accessName)} was made: a group owns the user ${text(username)}.`,
  'access.deleted': ({ username, accessName }) =>
    `The access ${text(accessName)} was deleted: no group owns the user ${text(username)} any more.`,
  'rotation.requested': ({ username, requester }) =>
    `${text(requester)} asked for new credentials of ${text(username)}.`,
  'rotation.approved': ({ username, requester }) =>
    `New credentials of ${text(username)} for ${text(requester)} were approved.`,
  'rotation.provided': ({ username, requester }) =>
    `New credentials of ${text(username)} were made, and wait for ${text(requester)} to reveal them.`,
  'rotation.failed': ({ username, failure }) =>
    `New credentials of ${text(username)} could not be made: ${text(failure)}`,
  'rotation.declined': ({ username, requester }) =>
    `The request of ${text(requester)} for new credentials of ${text(username)} was declined.`,
  'rotation.deleted': ({ username, requester }) =>
    `${text(requester)} took back the request for new credentials of ${text(username)}.`,
  'rotation.lapsed': ({ username, requester }) =>
    `Nobody decided on the request of ${text(requester)} for new credentials of ${text(username)}: it has lapsed.`,
  'rotation.revealed': ({ username, requester, address }) =>
    `${text(requester)} revealed the new credentials of ${text(username)} from ${text(address)}.`,
  'rotation.credentials-lapsed': ({ username, requester }) =>
    `New credentials of ${text(username)} that ${text(requester)} had asked for were erased unseen.`,
  'rotation.old-revoked': ({ username }) =>
    `The older certificates of ${text(username)} were revoked, as its rotation said.`,
};

/** An event in words for people; one without words of its own is told by its name. */
export function describeEvent({ action, detail }: ProjectEvent): string {
  return (wordsOf[action] ?? governanceWords[action])?.(detail) ?? action;
}

function renewedFor(key: unknown): string {
  if (key === 'request') return 'a certificate for the key of its request';
  return key === 'kept' ? 'a new certificate for its own key' : 'a new key and certificate';
}

function changesIn(detail: ProjectEvent['detail']): string {
  const changes = [
    ...('defaultCloud' in detail ? [`cloud ${text(detail['defaultCloud']) || 'none'}`] : []),
    ...('techEmails' in detail ? [`technical addresses ${listed(detail['techEmails'])}`] : []),
    ...('validitySeconds' in detail
      ? [`validity of certificates ${duration(detail['validitySeconds'])}`]
      : []),
    ...('renewBeforeSeconds' in detail
      ? [`renewal ${duration(detail['renewBeforeSeconds'])} before their end`]
      : []),
  ];
  return changes.length === 0 ? 'nothing' : changes.join(', ');
}

/** What a detail says in a sentence: nothing where it is no text. */
export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function listed(value: unknown): string {
  return Array.isArray(value) && value.length > 0 ? value.map(text).join(' ') : 'none';
}

function duration(value: unknown): string {
  return typeof value === 'number' ? formatDuration(value) : 'as the gateway has it';
}
