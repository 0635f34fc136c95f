import { isoTime } from '../iso-time.js';

/** Where a command writes and how. */
export interface Output {
  /** `text` for people, or `value` as JSON for scripts; times in JSON are RFC 3339. */
  show(answer: { readonly value: unknown; readonly text: string }): void;
  /** For people, whatever was asked for. */
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

/** Names and values below each other, the values in one column, further lines of a value too. */
export function formatFields(fields: Readonly<Record<string, string | null>>): string {
  const width = Math.max(...Object.keys(fields).map((name) => name.length));
  const indent = `\n${' '.repeat(width + 2)}`;
  return Object.entries(fields)
    .map(([name, value]) => `${name.padEnd(width)}  ${(value ?? '-').replaceAll('\n', indent)}`)
    .join('\n');
}

/** `2026-11-20 09:30:00Z` for people; an absent time is a dash. */
export function formatTime(seconds: number | null): string {
  return rfc3339(seconds)?.replace('T', ' ') ?? '-';
}

/** `2026-11-20T09:30:00Z` for scripts; an absent time is null. */
export function rfc3339(seconds: number | null): string | null {
  return seconds === null ? null : isoTime(seconds);
}
