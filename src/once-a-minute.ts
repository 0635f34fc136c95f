import type { Clock } from './edges.js';

const rememberedKeys = 10_000;

/**
 * Whether something was not noted yet in this minute; asking notes it. The memory is bounded: past ten thousand keys
 * it begins anew.
 */
export function makeOnceAMinute(clock: Clock): (key: string) => boolean {
  let minute = 0;
  const seen = new Set<string>();
  return (key) => {
    const now = Math.floor(clock() / 60);
    if (now !== minute || seen.size >= rememberedKeys) seen.clear();
    minute = now;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  };
}
