/** A month of the calendar in UTC: from its first second up to the first of the next, in seconds. */
export interface Month {
  readonly begins: number;
  readonly ends: number;
}

/** So many months from the one of `now` on, in seconds UTC. */
export function monthsFrom(now: number, count: number): Month[] {
  const first = new Date(now * 1000);
  const beginOf = (at: number): number =>
    Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + at) / 1000;
  return Array.from({ length: count }, (_, at) => ({ begins: beginOf(at), ends: beginOf(at + 1) }));
}
