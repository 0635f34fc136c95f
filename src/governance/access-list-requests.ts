import type { Request } from 'express';
import { Failure } from '../failure.js';
import type { AccessPage, AccessPlace, AccessQuery, PagePosition } from './access-list-store.js';
import { topicForm } from './governance-requests.js';

const mostOnAPage = 100;
const usualOnAPage = 25;

/** Reads the query of a list of accesses. A limit beyond the largest page gets that. Throws Failure `field-invalid`. */
export function readAccessQuery(query: Request['query']): AccessQuery {
  return {
    topic: readTopic(query['resource_name']),
    ownerGroupId: readGroup(query['owner_user_group_id']),
    position: readCursor(query['cursor']),
    limit: readLimit(query['limit']),
  };
}

/** What the other pages are asked for with; null where there is none. */
export function cursorsOf({
  accesses,
  total,
  hasEarlier,
  hasLater,
}: AccessPage): Readonly<Record<'first' | 'last' | 'next' | 'prev', string | null>> {
  const [first, last] = [accesses[0], accesses.at(-1)];
  return {
    first: total > 0 ? 'after' : null,
    last: total > 0 ? 'before' : null,
    next: hasLater ? writeCursor('after', last) : null,
    prev: hasEarlier ? writeCursor('before', first) : null,
  };
}

function writeCursor(side: PagePosition['side'], place: AccessPlace | undefined): string {
  return place ? `${side}.${String(place.createdAt)}.${place.id}` : side;
}

const cursorForm = /^(after|before)(?:\.([0-9]{1,12})\.([a-z0-9]{1,36}))?$/;

function readCursor(text: unknown): PagePosition {
  if (text === undefined) return { side: 'after', place: undefined };
  const [, side, createdAt, id] = typeof text === 'string' ? (cursorForm.exec(text) ?? []) : [];
  if (side === undefined)
    throw new Failure('field-invalid', 'cursor has to be first, last, next or prev of an answer.');
  const place =
    createdAt === undefined || id === undefined ? undefined : { createdAt: Number(createdAt), id };
  return { side: side === 'after' ? 'after' : 'before', place };
}

function readLimit(text: unknown): number {
  if (text === undefined) return usualOnAPage;
  if (typeof text === 'string' && /^[1-9][0-9]*$/.test(text))
    return Math.min(Number(text), mostOnAPage);
  throw new Failure('field-invalid', 'limit has to be a whole number from 1 on.');
}

function readTopic(text: unknown): string | undefined {
  if (text === undefined) return undefined;
  if (typeof text === 'string' && topicForm.test(text)) return text;
  throw new Failure('field-invalid', 'resource_name has to be the name of a topic.');
}

function readGroup(text: unknown): string | undefined {
  if (text === undefined) return undefined;
  if (typeof text === 'string' && /^[a-z0-9]{1,36}$/.test(text)) return text;
  throw new Failure('field-invalid', 'owner_user_group_id has to be the id of a group.');
}
