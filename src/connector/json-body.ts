import { Failure } from '../failure.js';

/** The members of a JSON object by lower-case key: the original matches keys in any letter case. */
export type JsonMembers = ReadonlyMap<string, unknown>;

const prefix = 'Error while unmarshalling request body:';
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const stringOrPunctuation = /"(?:[^"\\]|\\.)*"|[{}[\]:]/g;

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
  refuseDuplicates(text);
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

/** JSON.parse keeps the last of two equal keys silently; which one the sender meant is not ours to guess. */
function refuseDuplicates(text: string): void {
  const seen = new Set<string>();
  const tokens = text.match(stringOrPunctuation) ?? [];
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    else if (depth === 1 && token !== ':' && tokens[index + 1] === ':') {
      const key = String(JSON.parse(token)).toLowerCase();
      if (seen.has(key))
        throw new Failure('field-duplicate', `${prefix} it names ${key.slice(0, 32)} twice.`);
      seen.add(key);
    }
  }
}
