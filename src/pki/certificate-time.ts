import { tags } from './der-content.js';
import { contentOf, MalformedDer, type DerValue } from './der-reader.js';
import { encodeDer } from './der-writer.js';
import type { Der } from './der.js';

/** First second of 2050: from here on GeneralizedTime (RFC 5280 4.1.2.5). */
const firstOfGeneralized = Date.UTC(2050) / 1000;
const firstOfUtc = Date.UTC(1950) / 1000;
const afterLast = Date.UTC(10000) / 1000;

/** A time in seconds as UTCTime until 2049, GeneralizedTime from 2050 on (RFC 5280 4.1.2.5). */
export function encodeTime(seconds: number): Der {
  if (!Number.isInteger(seconds) || seconds < firstOfUtc || seconds >= afterLast) {
    throw new RangeError(`no such time in a certificate: ${seconds}`);
  }
  const iso = new Date(seconds * 1000).toISOString();
  const [year, month, day] = [iso.slice(0, 4), iso.slice(5, 7), iso.slice(8, 10)];
  const digits = `${year}${month}${day}${iso.slice(11, 13)}${iso.slice(14, 16)}${iso.slice(17, 19)}`;
  return seconds < firstOfGeneralized
    ? encodeDer(tags.utcTime, Buffer.from(`${digits.slice(2)}Z`, 'latin1'))
    : encodeDer(tags.generalizedTime, Buffer.from(`${digits}Z`, 'latin1'));
}

/** Seconds UTC of a time in the one form that RFC 5280 4.1.2.5 allows; throws MalformedDer. */
export function readTime(value: DerValue | undefined): number {
  if (value === undefined) throw new MalformedDer('a time is missing');
  const content = contentOf(value);
  const yearDigits = value.tag === tags.utcTime ? 2 : value.tag === tags.generalizedTime ? 4 : 0;
  if (yearDigits === 0 || content.length !== yearDigits + 11 || content.at(-1) !== letterZ) {
    throw new MalformedDer(`a time is not YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ at byte ${value.start}`);
  }
  const pair = (index: number) => readPair(content, yearDigits - 2 + index * 2);
  const century = yearDigits === 4 ? readPair(content, 0) : pair(0) < 50 ? 20 : 19;
  const day = { year: century * 100 + pair(0), month: pair(1), day: pair(2) };
  const [hour, minute, second] = [pair(3), pair(4), pair(5)];
  // Not-a-number fails every comparison.
  if (!(isDay(day) && hour < 24 && minute < 60 && second < 60)) {
    throw new MalformedDer(`a time does not exist at byte ${value.start}`);
  }
  return Date.UTC(day.year, day.month - 1, day.day, hour, minute, second) / 1000;
}

const letterZ = 0x5a;

/** Two decimal digits, or not-a-number. */
function readPair(content: Uint8Array, at: number): number {
  const tens = (content[at] ?? 0) - 0x30;
  const ones = (content[at + 1] ?? 0) - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

function isDay({ year, month, day }: { year: number; month: number; day: number }): boolean {
  if (!(year >= 1950 && month >= 1 && month <= 12 && day >= 1)) return false;
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}
