import { z } from 'zod';
import { emailAddressRule, readEmailAddress } from './email-address.js';
import { durationForm, longestDuration, secondsOf } from './duration.js';
import { isPlainUrl, withoutSlashes } from './plain-url.js';

/** Where a listener binds. Port 0 picks a free one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** `30m`, `12h`, `92d` -> seconds. */
export const durationValue = z
  .string()
  .regex(durationForm, 'must be a whole number and a unit, such as 30m, 12h or 92d')
  .transform(secondsOf)
  .refine((seconds) => seconds <= longestDuration, 'must be less than a hundred years');

/** `host:port` or `[v6]:port`. */
export const listenValue = z
  .string()
  .regex(
    /^(\[[0-9a-fA-F:.]+\]|[^:\s/]+):[0-9]{1,5}$/,
    'must be host:port, such as 127.0.0.1:8443 or [::1]:8443',
  )
  .transform((text): ListenAddress => {
    const colon = text.lastIndexOf(':');
    return {
      host: text.slice(0, colon).replace(/^\[|\]$/g, ''),
      port: Number(text.slice(colon + 1)),
    };
  })
  .refine(({ port }) => port <= 65_535, 'must have a port of at most 65535');

/** An absolute URL without query, fragment, credentials or trailing slash. */
export function urlValue(protocols: readonly string[]): z.ZodType<string, string> {
  const example = `${protocols[0] ?? 'https:'}//gateway.example.com`;
  return z
    .string()
    .transform(withoutSlashes)
    .refine((text) => isPlainUrl(text, protocols), `must be a URL such as ${example}`);
}

/** One fixed part of the subject: clients split it at `,` and `=`, so neither may stand in it. */
export const subjectValue = z
  .string()
  // eslint-disable-next-line no-control-regex -- control characters are what is refused
  .regex(/^[^,=/"\\+<>;\u0000-\u001f\u007f-\u009f]{1,64}$/u, {
    error: 'must be 1 to 64 characters without , = / " \\ + < > ; or control characters',
  })
  .refine((text) => text.trim() === text, 'must not begin or end with a space');

/** ISO 3166 country code. */
export const countryValue = z
  .string()
  .regex(/^[A-Za-z]{2}$/, 'must be a country code of two letters, such as DE');

/** An e-mail address, in lower case. */
export const emailValue = z.string().transform((text, context) => {
  const email = readEmailAddress(text);
  if (email !== undefined) return email;
  context.addIssue(emailAddressRule);
  return z.NEVER;
});

/** `on` or `off`. */
export const switchValue = z
  .enum(['on', 'off'], { error: 'must be on or off' })
  .transform((text) => text === 'on');

/** A closed list of words. */
export function wordValue<const Word extends string>(
  words: readonly [Word, ...Word[]],
): z.ZodType<Word, string> {
  return z.enum(words, { error: `must be one of ${words.join(', ')}` });
}

/** Whether a host of a URL or of a listener is this machine alone. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.[0-9]{1,3}){3}$/.test(host);
}
