import { printable } from './printable.js';

/** A mail before it has a recipient. */
export interface Letter {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** What a mail says, before it is laid out. */
export interface LetterWords {
  readonly subject: string;
  readonly opening: string;
  /** What people wrote, shown as theirs. */
  readonly quotes?: readonly Quote[];
  /** The facts, a line for each. */
  readonly lines: readonly string[];
  /** What to do, each with what to type for it. */
  readonly steps: readonly Step[];
  /** What the link leads to. */
  readonly page: string;
}

export interface Quote {
  readonly whose: string;
  readonly text: string;
}

export interface Step {
  readonly text: string;
  readonly commands: readonly string[];
}

/** As text and as HTML, with no character that is not to be seen and no markup but its own. */
export function layOut(words: LetterWords, consoleUrl: string): Letter {
  return {
    subject: printable(words.subject),
    text: textOf(words, consoleUrl),
    html: htmlOf(words, consoleUrl),
  };
}

function textOf(words: LetterWords, consoleUrl: string): string {
  const { opening, quotes = [], lines, steps, page } = words;
  const blocks = [
    [printable(opening)],
    ...quotes.map(({ whose, text }) => [
      printable(whose),
      ...linesIn(text).map((line) => `> ${line}`),
    ]),
    lines.map((line) => `- ${printable(line)}`),
    steps.flatMap(({ text, commands }) => [
      printable(text),
      ...commands.map((line) => `   ${printable(line)}`),
    ]),
    [`${page} ${consoleUrl}`],
  ];
  const filled = blocks.filter((block) => block.length > 0);
  return `${filled.map((block) => block.join('\n')).join('\n\n')}\n`;
}

function htmlOf(words: LetterWords, consoleUrl: string): string {
  const { opening, quotes = [], lines, steps, page } = words;
  const paragraph = (text: string): string => `<p>${shown(text)}</p>`;
  const url = escaped(consoleUrl);
  return [
    '<!DOCTYPE html><html lang="en"><body>',
    paragraph(opening),
    ...quotes.flatMap(({ whose, text }) => [
      paragraph(whose),
      `<blockquote>${linesIn(text).map(shown).join('<br>')}</blockquote>`,
    ]),
    ...(lines.length === 0
      ? []
      : [`<ul>${lines.map((line) => `<li>${shown(line)}</li>`).join('')}</ul>`]),
    ...steps.flatMap(({ text, commands }) => [
      paragraph(text),
      ...(commands.length === 0 ? [] : [`<pre>${commands.map(shown).join('\n')}</pre>`]),
    ]),
    `<p>${shown(page)} <a href="${url}">${url}</a></p>`,
    '</body></html>',
  ].join('\n');
}

/** People write lines and tabs; whatever else is not to be seen stays out. */
function linesIn(text: string): string[] {
  return text.split(/\r\n|[\n\v\f\r\u0085\u2028\u2029]/u).map((line) => {
    return printable(line.replaceAll('\t', ' '));
  });
}

function shown(text: string): string {
  return escaped(printable(text));
}

/** Text as it stands in HTML. */
function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
