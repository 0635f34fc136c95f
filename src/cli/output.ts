/** Where a command writes and how. */
export interface Output {
  /** `rows` as a table for people, or `value` as JSON for scripts. */
  show(answer: { readonly value: unknown; readonly text: string }): void;
  line(text: string): void;
}

/** Standard output, as JSON where `--json` was given. */
export function makeOutput(input: {
  readonly isJson: boolean;
  readonly write: (text: string) => void;
}): Output {
  const line = (text: string): void => {
    input.write(`${text}\n`);
  };
  return {
    line,
    show: ({ value, text }) => {
      line(input.isJson ? JSON.stringify(value, null, 2) : text);
    },
  };
}

/** Columns padded to their widest cell, two spaces apart; the first row is the head. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) =>
    Math.max(...all.map((row) => Array.from(row[column] ?? '').length)),
  );
  return all
    .map((row) =>
      row
        .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - Array.from(cell).length))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** `2026-11-20 09:30:00Z` for people; an absent time is a dash. */
export function formatTime(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return '-';
  return new Date(seconds * 1000)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.000Z$/, 'Z');
}
