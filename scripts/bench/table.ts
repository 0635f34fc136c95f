import type { Figure } from './figures.js';

/** A heading and aligned lines: figure, measured, to reach, and whether it does. */
export function formatTable(heading: string, figures: readonly Figure[]): string {
  const lines = figures.map((figure) => {
    const { name, value, atMost, atLeast } = figure;
    if (value === undefined) return `  ${name.padEnd(60)} not measured`;
    const measured = `  ${name.padEnd(60)}${format(figure, value).padStart(12)}`;
    if (atMost !== undefined)
      return `${measured}   at most ${format(figure, atMost)}${mark(value <= atMost)}`;
    if (atLeast !== undefined)
      return `${measured}   at least ${format(figure, atLeast)}${mark(value >= atLeast)}`;
    return measured;
  });
  return `\n${heading}\n${lines.join('\n')}\n`;
}

function mark(isReached: boolean): string {
  return isReached ? '' : '   MISSED';
}

function format({ unit }: Figure, value: number): string {
  switch (unit) {
    case 'x':
      return `${value.toFixed(2)} x`;
    case 'ms':
      return `${value.toFixed(1)} ms`;
    case 'ns':
    case 'us':
    case '/s':
    case 'MB':
    case '%':
      return `${value.toFixed(0)} ${unit}`;
  }
}
