import { Failure } from '../failure.js';

const longest = 64;

/**
 * Judges an application's name when a token is made, because it flows into subjects and URLs. Throws the Failure
 * `name-invalid`, which names the rule.
 */
export function judgeApplicationName(name: string): string {
  const rule = brokenRule(name);
  if (rule !== undefined) throw new Failure('name-invalid', `The application name ${rule}.`);
  return name;
}

function brokenRule(name: string): string | undefined {
  const length = Array.from(name).length;
  if (length > longest)
    return `has ${String(length)} characters, at most ${String(longest)} are allowed`;
  // eslint-disable-next-line no-control-regex -- control characters are what is refused
  if (/[\u0000-\u001f\u007f-\u009f]/.test(name)) return 'must not hold control characters';
  if (/[,=/"\\+<>;%?#:]/.test(name)) return 'must not hold any of , = / " \\ + < > ; % ? # :';
  if (name.trim() !== name) return 'must not begin or end with a space';
  if (name === '.' || name === '..') return 'must not be . or ..';
  return undefined;
}
