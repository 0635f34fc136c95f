import { z } from 'zod';
import { emailAddressRule, readEmailAddress } from '../email-address.js';
import { Failure } from '../failure.js';
import { readJsonObject } from '../http/json-object.js';
import type { TokenOrder } from './new-user-token.js';

const hundredYears = 100 * 366 * 86_400;

const emailValue = z.string({ error: emailAddressRule }).transform((text, context) => {
  const email = readEmailAddress(text);
  if (email !== undefined) return email;
  context.addIssue(emailAddressRule);
  return z.NEVER;
});

/** The body of a sign-in. */
export const credentials = z.object({
  email: emailValue,
  password: z
    .string({ error: 'must be a string' })
    .min(1, 'must not be empty')
    .max(1024, 'must have at most 1024 characters'),
});

/** One line for people; nothing invisible, which could make it read as another one. */
const description = z
  .string({ error: 'must be a string' })
  .regex(
    /^[^\p{C}\p{Zl}\p{Zp}]{0,256}$/u,
    'must have at most 256 characters, none of them invisible',
  );

const maxAgeRule = 'must be a whole number of seconds from 60 to a hundred years, or null';

/** The body that orders a token. */
export const tokenOrder = z.object({
  description: description.nullish().transform((text) => text ?? ''),
  max_age_seconds: z
    .int({ error: maxAgeRule })
    .min(60, maxAgeRule)
    .max(hundredYears, maxAgeRule)
    .nullish()
    .transform((seconds) => seconds ?? null),
  extend_when_used: z
    .boolean({ error: 'must be true or false' })
    .nullish()
    .transform((isExtended) => isExtended ?? false),
});

/** The body that changes a token. */
export const changedToken = z.object({ description });

/** `{"email", "password"}` of a sign-in. Throws a Failure that says what is wrong, here and below. */
export function readCredentials(body: Uint8Array): {
  readonly email: string;
  readonly password: string;
} {
  return readJsonObject(body, credentials);
}

/** `{"description", "max_age_seconds", "extend_when_used"}` of a new token, each of which may be left out. */
export function readTokenOrder(body: Uint8Array): TokenOrder {
  const order = readJsonObject(body, tokenOrder);
  return {
    description: order.description,
    maxAgeSeconds: order.max_age_seconds,
    extendWhenUsed: order.extend_when_used,
  };
}

/** `{"description"}` of a change. */
export function readDescription(body: Uint8Array): string {
  return readJsonObject(body, changedToken).description;
}

/** The prefix of a token, or a full one, as the path names it. PostgreSQL takes no NUL in a text. */
export function readTokenName(segment: unknown): string {
  if (typeof segment === 'string' && /^[\x21-\x7e]+$/.test(segment)) return segment;
  throw new Failure(
    'resource-unknown',
    'The path names no token: list them to see their prefixes.',
  );
}
