import { formatDuration } from '../duration.js';
import type { OldCertificateFate, RotationState } from '../governance/rotation-policy.js';
import type { CredentialsState } from '../governance/rotation.js';
import type { Badge } from './pieces.js';

/** Where a request stands, for people. */
export const stateWords: Readonly<Record<RotationState, Badge>> = {
  pending: { text: 'Pending', kind: 'soon' },
  provisioning: { text: 'Approved, being made', kind: 'soon' },
  approved: { text: 'Approved', kind: 'good' },
  failed: { text: 'Failed', kind: 'bad' },
  declined: { text: 'Declined', kind: 'bad' },
  deleted: { text: 'Deleted', kind: 'quiet' },
  lapsed: { text: 'Lapsed', kind: 'quiet' },
};

/** What became of new credentials, for people. */
export const credentialsWords: Readonly<Record<CredentialsState, Badge>> = {
  waiting: { text: 'Ready to view', kind: 'soon' },
  revealed: { text: 'Viewed', kind: 'good' },
  lapsed: { text: 'Lapsed unseen', kind: 'quiet' },
};

/** What can become of the old certificate, the gentlest first. */
export function fateWords(graceSeconds: number): Readonly<Record<OldCertificateFate, string>> {
  return {
    keep: 'It works until it expires',
    after_grace: `It is revoked ${spelledOut(graceSeconds)} after the new credentials are viewed`,
    at_once: 'It is revoked when the new credentials are viewed',
  };
}

const units: Readonly<Record<string, string>> = { d: 'day', h: 'hour', m: 'minute', s: 'second' };

function spelledOut(seconds: number): string {
  const text = formatDuration(seconds);
  const count = text.slice(0, -1);
  return `${count} ${units[text.slice(-1)] ?? ''}${count === '1' ? '' : 's'}`;
}

/** What was done, by the word in the URL. */
export const saidWords: Readonly<Record<string, string>> = {
  requested: 'Your request was sent to the owner group. Another member has to approve it.',
  approved: 'You approved the request. Its author was told that the new credentials are ready.',
  declined: 'You declined the request. Its author was told why.',
  deleted: 'The request was deleted.',
};

const fields: Readonly<Record<string, string>> = {
  resource_name: 'Topic',
  owner_user_group_id: 'Owner group',
  access_name: 'Access',
  state: 'State',
  message: 'Message',
  reason: 'Reason',
};

/** A refusal that begins with the name of a field, with the label that the page has for it. */
export function withLabel(sentence: string): string {
  return sentence.replace(/^\w+/, (word) => fields[word] ?? word);
}
