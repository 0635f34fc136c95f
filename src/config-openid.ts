import { z } from 'zod';
import { isLoopback } from './config-values.js';
import { readEmailAddress } from './email-address.js';

/**
 * The issuer exactly as the provider spells it, slash at its end included, since it is compared so (OpenID Connect
 * Discovery 4.3). Plain HTTP only to a provider on this machine.
 */
export const issuerValue = z.string().refine((text) => {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, search, hash, username, password } = new URL(text);
  const isPlain = search === '' && hash === '' && username === '' && password === '';
  const isLocal = protocol === 'http:' && isLoopback(hostname.replace(/^\[|\]$/g, ''));
  return isPlain && (protocol === 'https:' || isLocal);
}, 'must be an https URL such as https://login.example.com, or http on a loopback address');

/** The name under which the provider knows this gateway (RFC 6749 A.1). */
export const clientIdValue = z
  .string()
  .regex(/^[\x21-\x7e]{1,256}$/, 'must be 1 to 256 visible ASCII characters');

/** `off`, or domains separated by commas, in lower case. */
export const signUpValue = z.string().transform((text, context): readonly string[] => {
  if (text === 'off') return [];
  const domains = text.split(',').map((domain) => domain.trim().toLowerCase());
  if (domains.every((domain) => readEmailAddress(`a@${domain}`) !== undefined)) return domains;
  context.addIssue('must be off, or domains of mail addresses such as example.com,example.org');
  return [];
});
