/** Controls, and what turns the direction of a line; joiners belong to scripts and emoji. */
const unseen = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * What somebody else wrote, for a terminal: nothing of it moves the cursor or hides what stands beside it. Keeps line
 * breaks.
 */
export function visibleText(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replaceAll(unseen, (one) => (one === '\n' ? one : escaped(one)));
}

/** The same in one line of at most `length` characters. */
export function visibleLine(text: string, length = Infinity): string {
  const letters = Array.from(text.replaceAll(/\s+/g, ' ').replaceAll(unseen, escaped));
  return letters.length <= length ? letters.join('') : `${letters.slice(0, length - 1).join('')}…`;
}

function escaped(one: string): string {
  return `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`;
}
