import { isoTime } from '../iso-time.js';
import { adviceFor, titleOf } from './expiry.js';
import type { Expiry } from './expiry.js';
import { writeCalendar } from './icalendar.js';

/** What ends, on the wire. */
export function describeExpiry(expiry: Expiry, now: number): object {
  const { kind, project, service, name, state, endsAt, sha256, toAct, accessId } = expiry;
  const isUser = kind === 'service-user';
  return {
    kind: kind.replace('-', '_'),
    project_name: project,
    service_name: service,
    username: isUser ? name : null,
    ...(accessId === null ? {} : { governance_access_id: accessId }),
    state,
    not_valid_after_time: isoTime(endsAt),
    certificate_sha256: sha256,
    to_act: toAct,
    advice: adviceFor(expiry, now),
  };
}

/** The same as a calendar. The UID of an event is its certificate: renewed or not, it stays the same event. */
export function calendarOf(
  expiries: readonly Expiry[],
  { name, now }: { readonly name: string; readonly now: number },
): string {
  const events = expiries.map((expiry) => ({
    uid: `${expiry.sha256}@everleaf`,
    at: expiry.endsAt,
    summary: titleOf(expiry),
    description: adviceFor(expiry, now),
  }));
  return writeCalendar({ name, now, events });
}
