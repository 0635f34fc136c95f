import { readFingerprint } from '../pki/fingerprint.js';
import { StartFault } from '../start-fault.js';

/**
 * The SHA-256 values of a list: one a line with `#` comments, or the keys of `data` in a ConfigMap as JSON. Throws a
 * StartFault that names the first line or key that is none.
 */
export function readDenyList(text: string): string[] {
  return /^\s*\{/.test(text) ? readConfigMap(text) : readLines(text);
}

function readLines(text: string): string[] {
  const sha256s: string[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const value = line.replace(/#.*$/, '').trim();
    if (value === '') continue;
    const sha256 = readFingerprint(value);
    if (sha256 === undefined) {
      throw new StartFault(
        `Line ${String(index + 1)} of the list is no SHA-256 in hex: nothing was denied. Correct it, or put # before it.`,
      );
    }
    sha256s.push(sha256);
  }
  return sha256s;
}

/** The original looks certificates up by key; an empty ConfigMap has no `data`. */
function readConfigMap(text: string): string[] {
  const { kind, data = {} } = parseObject(text);
  if (kind !== 'ConfigMap' || !isObject(data)) {
    throw new StartFault(
      'The list is JSON and no ConfigMap: give what kubectl get configmap NAME -o json prints, or one SHA-256 a line.',
    );
  }
  return Object.keys(data).map((key) => {
    const sha256 = readFingerprint(key);
    if (sha256 !== undefined) return sha256;
    throw new StartFault(
      `The key ${JSON.stringify(key.slice(0, 80))} of data is no SHA-256 in hex: nothing was denied. Take it out.`,
    );
  });
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? parsed : {};
  } catch (cause) {
    throw new StartFault('The list begins like JSON and is not: nothing was denied.', { cause });
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
