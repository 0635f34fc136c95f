import type { z } from 'zod';
import { Failure } from '../failure.js';
import { duplicateKey } from './duplicate-keys.js';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The body of a request as `shape` describes it; keys that it does not name are ignored, since clients send many that
 * mean nothing here. Throws a Failure that names the first key that is wrong.
 */
export function readJsonObject<Shape>(body: Uint8Array, shape: z.ZodType<Shape>): Shape {
  const parsed = shape.safeParse(parseObject(body));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new Failure(
    'field-invalid',
    `${issue?.path.join('.') ?? 'The body'} ${issue?.message ?? 'is wrong'}.`,
  );
}

function parseObject(body: Uint8Array): object {
  const text = decode(body);
  const value = parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Failure('json-malformed', 'The request body has to be a JSON object.');
  const twice = duplicateKey(text);
  if (twice !== undefined)
    throw new Failure('field-duplicate', `The request body names ${twice.slice(0, 32)} twice.`);
  return value;
}

function decode(body: Uint8Array): string {
  try {
    return utf8.decode(body);
  } catch (cause) {
    throw new Failure('json-malformed', 'The request body is not UTF-8.', { cause });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The parser's message quotes the body, which may hold a password: it goes nowhere.
    throw new Failure('json-malformed', 'The request body has to be a JSON object.');
  }
}
