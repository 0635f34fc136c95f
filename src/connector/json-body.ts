import { Failure } from '../failure.js';
import { duplicateKey } from '../http/duplicate-keys.js';

/** The members of a JSON object by lower-case key: the original matches keys in any letter case. */
export type JsonMembers = ReadonlyMap<string, unknown>;

const prefix = 'Error while unmarshalling request body:';
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Bytes -> members of the JSON object in it; `null` counts as an empty object. Line breaks are dropped before parsing,
 * since a shell sends them raw where `base64` wraps. Throws a Failure that says what is wrong.
 */
export function readJsonBody(body: Uint8Array): JsonMembers {
  const text = decode(body).replace(/[\r\n]/g, '');
  const value = parse(text);
  if (value === null) return new Map();
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new Failure('json-malformed', `${prefix} it is not a JSON object.`);
  }
  const twice = duplicateKey(text, (key) => key.toLowerCase());
  if (twice !== undefined)
    throw new Failure('field-duplicate', `${prefix} it names ${twice.slice(0, 32)} twice.`);
  return new Map(Object.entries(value).map(([key, member]) => [key.toLowerCase(), member]));
}

function decode(body: Uint8Array): string {
  try {
    return utf8.decode(body);
  } catch (cause) {
    throw new Failure('json-malformed', `${prefix} it is not UTF-8.`, { cause });
  }
}

function parse(text: string): unknown {
  if (text.trim() === '') throw new Failure('json-malformed', `${prefix} it is empty.`);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The parser's message quotes the body, which may hold a private key: it goes nowhere.
    if (endsInsideString(text)) throw cutOff();
    throw new Failure('json-malformed', `${prefix} it is not valid JSON.`);
  }
}

function cutOff(): Failure {
  return new Failure(
    'json-cut-off',
    `${prefix} it ends inside a string. If base64 wrapped its output, switch that off: base64 -w0, or base64 | tr -d '\\n'.`,
  );
}

/** Linear in the length: a search for closed strings would begin anew at each quote of one that is never closed. */
function endsInsideString(text: string): boolean {
  const quotes = text.replace(/\\[^]/g, '').match(/"/g) ?? [];
  return quotes.length % 2 === 1;
}
