import type { EndingCount, EndingState } from '../credentials/ending-count.js';
import type { EndingMonths } from '../credentials/ending-months.js';

/** The lanes, from above. */
export const timelineKinds = [
  { kind: 'application', text: 'Applications' },
  { kind: 'service-user', text: 'Service users' },
  { kind: 'authority', text: 'Authorities' },
] as const;

/** The states in the order in which a bar shows them from below, each with the words of the legend. */
export const timelineStates = [
  { state: 'fine', text: 'Renewed by itself' },
  { state: 'unrenewed', text: 'Nothing renews it' },
  { state: 'waiting', text: 'Waits for somebody' },
  { state: 'soon', text: 'Ends within 30 days' },
] as const satisfies readonly { readonly state: EndingState; readonly text: string }[];

/** A row of the table that says the same as the picture. */
export interface TimelineRow {
  readonly month: string;
  readonly cells: readonly { readonly text: string; readonly count: number }[];
}

/** The timeline as rows of text: a month each and one for what ends later, and a cell for each kind. */
export function timelineRows({ months, counts }: EndingMonths): TimelineRow[] {
  const columns = [...months.map(({ begins }) => longMonth(begins)), 'Later'];
  return columns.map((name, month) => ({
    month: name,
    cells: timelineKinds.map(({ kind }) => {
      const found = timelineStates.flatMap(({ state, text }) => {
        const count = sumOf(counts, { kind, month, state });
        return count === 0 ? [] : [{ count, text: `${grouped(count)} ${text.toLowerCase()}` }];
      });
      return {
        count: found.reduce((sum, { count }) => sum + count, 0),
        text: found.map(({ text }) => text).join(', '),
      };
    }),
  }));
}

/** How many end in a month, of one state or of all that are still to come. */
export function sumOf(
  counts: readonly EndingCount[],
  {
    kind,
    month,
    state,
  }: { readonly kind: EndingCount['kind']; readonly month: number; readonly state?: EndingState },
): number {
  return counts
    .filter((one) => one.kind === kind && one.month === month && one.state !== 'ended')
    .filter((one) => state === undefined || one.state === state)
    .reduce((sum, { count }) => sum + count, 0);
}

/** A number with its thousands apart. */
export function grouped(count: number): string {
  return count.toLocaleString('en-GB');
}

/** `November 2026`. `begins` in seconds UTC. */
export function longMonth(begins: number): string {
  const options = { month: 'long', year: 'numeric', timeZone: 'UTC' } as const;
  return new Date(begins * 1000).toLocaleDateString('en-GB', options);
}
