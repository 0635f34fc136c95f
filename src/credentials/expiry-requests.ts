import type { Request } from 'express';
import { durationForm, longestDuration, secondsOf } from '../duration.js';
import { Failure } from '../failure.js';
import { longestPage, readLimit } from '../http/page-query.js';
import type { ExpiryPlace } from './expiry.js';

/** What a caller wants to see of what ends. */
export interface ExpiryQuery {
  readonly withinSeconds: number;
  readonly after: ExpiryPlace | undefined;
  readonly limit: number;
  readonly format: 'json' | 'ics';
}

const usualOnAPage = 100;

/** Reads the query. A calendar gets all that one page holds: it knows no second one. Throws Failure `field-invalid`. */
export function readExpiryQuery(request: Request): ExpiryQuery {
  const format = readFormat(request);
  return {
    withinSeconds: readWithin(request.query['within'] ?? '90d'),
    after: readCursor(request.query['cursor']),
    limit: readLimit(request, format === 'ics' ? longestPage : usualOnAPage),
    format,
  };
}

/** What the next page is asked for with. */
export function writeCursor({ endsAt, sha256 }: ExpiryPlace): string {
  return `${String(endsAt)}.${sha256}`;
}

function readFormat(request: Request): ExpiryQuery['format'] {
  const format = request.query['format'];
  if (format === undefined)
    return request.accepts(['application/json', 'text/calendar']) === 'text/calendar'
      ? 'ics'
      : 'json';
  if (format === 'json' || format === 'ics') return format;
  throw new Failure('field-invalid', 'format has to be json or ics.');
}

function readWithin(text: unknown): number {
  if (typeof text === 'string' && durationForm.test(text) && secondsOf(text) <= longestDuration)
    return secondsOf(text);
  throw new Failure('field-invalid', 'within has to be a duration such as 12h or 90d.');
}

function readCursor(text: unknown): ExpiryPlace | undefined {
  if (text === undefined) return undefined;
  const [, endsAt, sha256] =
    typeof text === 'string' ? (/^([0-9]{1,12})\.([0-9a-f]{64})$/.exec(text) ?? []) : [];
  if (endsAt !== undefined && sha256 !== undefined) return { endsAt: Number(endsAt), sha256 };
  throw new Failure('field-invalid', 'cursor has to be the next_cursor of an answer.');
}
