const secondsPerUnit = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** `30m`, `12h`, `92d`: a whole number and a unit. */
export const durationForm = /^[1-9][0-9]{0,8}[smhd]$/;

/** A hundred years, in seconds: longer ones are a mistake. */
export const longestDuration = 100 * 366 * secondsPerUnit.d;

/** Seconds of a text in durationForm. */
export function secondsOf(text: string): number {
  const unit = text.slice(-1);
  if (!durationForm.test(text) || !isUnit(unit)) throw new Error('not a duration');
  return Number(text.slice(0, -1)) * secondsPerUnit[unit];
}

/** Seconds of a text of any form; undefined for what is no duration, or too long a one. */
export function readSeconds(text: string): number | undefined {
  const seconds = durationForm.test(text) ? secondsOf(text) : Infinity;
  return seconds <= longestDuration ? seconds : undefined;
}

/** `92d`: the same in the largest unit that fits whole. */
export function formatDuration(seconds: number): string {
  for (const unit of ['d', 'h', 'm'] as const) {
    const size = secondsPerUnit[unit];
    if (seconds % size === 0) return `${String(seconds / size)}${unit}`;
  }
  return `${String(seconds)}s`;
}

function isUnit(unit: string): unit is keyof typeof secondsPerUnit {
  return Object.hasOwn(secondsPerUnit, unit);
}
