import { printable } from '../notifications/printable.js';

/** An event without length; times in seconds UTC. */
export interface CalendarEvent {
  /** The same whenever the event is told of (RFC 5545 3.8.4.7). */
  readonly uid: string;
  readonly at: number;
  readonly summary: string;
  readonly description: string;
}

/** A calendar has at least one component (RFC 5545 3.6): one without events has this one, which says nothing. */
const nothing = [
  'BEGIN:VTIMEZONE',
  'TZID:Etc/UTC',
  'BEGIN:STANDARD',
  'DTSTART:19700101T000000',
  'TZOFFSETFROM:+0000',
  'TZOFFSETTO:+0000',
  'END:STANDARD',
  'END:VTIMEZONE',
];

/** Events as iCalendar (RFC 5545), for a calendar that subscribes (RFC 7986 for NAME and REFRESH-INTERVAL). */
export function writeCalendar(calendar: {
  readonly name: string;
  /** When it was made, in seconds UTC. */
  readonly now: number;
  readonly events: readonly CalendarEvent[];
}): string {
  const { name, now, events } = calendar;
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Everleaf//Expiries//EN',
    'CALSCALE:GREGORIAN',
    `NAME:${escapeText(name)}`,
    `X-WR-CALNAME:${escapeText(name)}`,
    'REFRESH-INTERVAL;VALUE=DURATION:PT6H',
    ...(events.length === 0 ? nothing : events.flatMap((event) => linesOf(event, now))),
    'END:VCALENDAR',
  ];
  return lines.map((line) => `${fold(line)}\r\n`).join('');
}

function linesOf({ uid, at, summary, description }: CalendarEvent, now: number): string[] {
  return [
    'BEGIN:VEVENT',
    `UID:${uid}`,
    `DTSTAMP:${utc(now)}`,
    `DTSTART:${utc(at)}`,
    `SUMMARY:${escapeText(summary)}`,
    `DESCRIPTION:${escapeText(description)}`,
    'TRANSP:TRANSPARENT',
    'END:VEVENT',
  ];
}

/** `20261120T093000Z` (RFC 5545 3.3.5, form 2). */
function utc(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/[-:]|\.000/g, '');
}

/** RFC 5545 3.3.11; what is not to be seen is no text. */
function escapeText(text: string): string {
  return printable(text).replace(/[\\;,]/g, (letter) => `\\${letter}`);
}

const longestLine = 75;

/** Lines of at most 75 octets, cut between characters; each goes on behind a space (RFC 5545 3.1). */
function fold(line: string): string {
  let folded = '';
  let length = 0;
  for (const letter of line) {
    const octets = Buffer.byteLength(letter);
    if (length + octets > longestLine) {
      folded += '\r\n ';
      length = 1;
    }
    folded += letter;
    length += octets;
  }
  return folded;
}
