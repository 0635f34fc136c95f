import { Failure } from '../failure.js';
import type { JsonObject } from './service.js';

/** What stands in the place of a secret where it is not shown. */
export const redacted = '<redacted>';

const deepest = 16;

/**
 * Judges JSON that is kept as it is. What stood in the place of a secret must never become one, and nesting has an end.
 * Throws Failure `field-invalid`.
 */
export function judgePlainJson(value: JsonObject, field: string): JsonObject {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > deepest) {
      throw new Failure(
        'field-invalid',
        `${field} is nested deeper than ${String(deepest)} times.`,
      );
    }
    if (level.includes(redacted)) {
      throw new Failure(
        'field-invalid',
        `${field} holds ${redacted}, which only stands for a secret: leave that value out.`,
      );
    }
    level = level.flatMap((one) =>
      typeof one === 'object' && one !== null ? (Object.values(one) as unknown[]) : [],
    );
  }
  return value;
}
