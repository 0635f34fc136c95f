import type { Request } from 'express';
import { Failure } from '../failure.js';
import { readLimit } from '../http/page-query.js';
import type { RotationFilter, RotationPage, RotationPlace } from './rotation-list-store.js';
import { rotationStates } from './rotation-policy.js';
import type { RotationState } from './rotation-policy.js';

type Query = Pick<Request, 'query'>;

const usualOnAPage = 100;

/** Reads the query of a list. Throws a Failure `field-invalid` that says what the parameter has to be. */
export function readRotationQuery(
  request: Query,
): Pick<RotationPage, 'filter' | 'after' | 'limit'> {
  return {
    filter: readFilter(request),
    after: readCursor(request.query['cursor']),
    limit: readLimit(request, usualOnAPage),
  };
}

/** What the next page is asked for with. */
export function writeRotationCursor({ createdAt, id }: RotationPlace): string {
  return `${String(createdAt)}.${id}`;
}

function readFilter(request: Query): RotationFilter {
  return {
    states: readStates(request.query['state']),
    accessId: readId(request, 'access_id'),
    accessName: readPart(request.query['access_name']),
    requesterId: readId(request, 'requester_user_id'),
    ownerGroupId: readId(request, 'owner_user_group_id'),
  };
}

/** Repeated, or one list with commas. */
function readStates(value: unknown): readonly RotationState[] | undefined {
  if (value === undefined) return undefined;
  const words = [value]
    .flat()
    .flatMap((text) => (typeof text === 'string' ? text.split(',') : ['']));
  return words.map((word) => {
    const state = rotationStates.find((known) => known === word);
    if (state !== undefined) return state;
    throw new Failure(
      'field-invalid',
      `state has to be one or several of ${rotationStates.join(', ')}.`,
    );
  });
}

function readId({ query }: Query, name: string): string | undefined {
  const id = query[name];
  if (id === undefined) return undefined;
  if (typeof id === 'string' && /^[a-z0-9]{1,36}$/.test(id)) return id;
  throw new Failure('field-invalid', `${name} has to be an id as answers have it.`);
}

/** PostgreSQL takes no NUL in a text; names have at most 64 characters. */
function readPart(text: unknown): string | undefined {
  if (text === undefined) return undefined;
  if (typeof text === 'string' && /^[^\p{Cc}\p{Cs}]{1,64}$/u.test(text)) return text;
  throw new Failure('field-invalid', 'access_name has to be a part of a name, 1 to 64 characters.');
}

function readCursor(text: unknown): RotationPlace | undefined {
  if (text === undefined) return undefined;
  const [, createdAt, id] =
    typeof text === 'string' ? (/^([0-9]{1,12})\.([a-z0-9]{1,36})$/.exec(text) ?? []) : [];
  if (createdAt !== undefined && id !== undefined) return { createdAt: Number(createdAt), id };
  throw new Failure('field-invalid', 'cursor has to be the next_cursor of an answer.');
}
