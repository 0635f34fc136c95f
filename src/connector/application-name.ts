import { Failure } from '../failure.js';

const longest = 64;

/**
 * Judges an application's name when a token is made, because it flows into subjects and URLs. Throws the Failure
 * `name-invalid`, which names the rule.
 */
export function judgeApplicationName(name: string): string {
  return judgeName({ what: 'application', name });
}

/** The same for what stands beside it in central mode. */
export function judgeName({
  what,
  name,
}: {
  readonly what: 'application' | 'tenant' | 'group';
  readonly name: string;
}): string {
  const rule = brokenRule(name);
  if (rule !== undefined) throw new Failure('name-invalid', `The ${what} name ${rule}.`);
  return name;
}

function brokenRule(name: string): string | undefined {
  const length = Array.from(name).length;
  if (length === 0) return 'must not be empty';
  if (length > longest)
    return `has ${String(length)} characters, at most ${String(longest)} are allowed`;
  // Control, format (bidi, zero-width) and line-separating characters: a name must look like what it is.
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\ufffd]/u.test(name)) {
    return 'must not hold control characters or invisible ones';
  }
  if (/[,=/"\\+<>;%?#:]/.test(name)) return 'must not hold any of , = / " \\ + < > ; % ? # :';
  if (name.trim() !== name) return 'must not begin or end with a space';
  if (name === '.' || name === '..') return 'must not be . or ..';
  return undefined;
}
