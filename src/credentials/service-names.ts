import { Failure } from '../failure.js';

/** Throws the Failure `name-invalid` for what can be no service's name. */
export function judgeServiceName(text: string): string {
  if (/^[a-z][a-z0-9-]{0,62}$/.test(text)) return text;
  throw new Failure(
    'name-invalid',
    'The name of a service has 1 to 63 lower-case letters, digits and -, and begins with a letter.',
  );
}

/**
 * Throws the Failure `name-invalid` for what can be no service user's name. It becomes the common name of certificates
 * (at most 64 characters: RFC 5280 A.1), so what separates the parts of a subject as text may not stand in it.
 */
export function judgeUsername(text: string): string {
  const isShort = Array.from(text).length <= 64;
  const isPath = text === '.' || text === '..';
  if (isShort && !isPath && text.trim() === text && nameForm.test(text)) return text;
  throw new Failure(
    'name-invalid',
    'The name of a service user has 1 to 64 characters, without , = + < > ; " \\ or control characters, and without spaces at its ends.',
  );
}

const nameForm = /^[^,=+<>;"\\\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+$/u;

/** Whether a text is a host name or an address; an empty one is none yet. */
export function isHost(text: string): boolean {
  return /^([A-Za-z0-9][A-Za-z0-9.-]{0,252}|[0-9A-Fa-f:.]{2,45}|)$/.test(text);
}
