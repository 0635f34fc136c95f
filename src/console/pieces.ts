import { shellWord } from '../notifications/letter-text.js';

/** Small pieces of markup that every view has; what they are given is escaped, but for words of a path or a command. */
export const pieces = {
  /** A time, exact in UTC; a script says it in the reader's zone. `seconds` UTC. */
  time: (seconds: number): string => {
    const iso = new Date(seconds * 1000).toISOString();
    const utc = `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
    return `<time datetime="${iso}" title="${utc}">${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC</time>`;
  },
  /** The same, the day alone. */
  day: (seconds: number): string => {
    const iso = new Date(seconds * 1000).toISOString();
    const utc = `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
    return `<time datetime="${iso}" data-day title="${utc}">${iso.slice(0, 10)}</time>`;
  },
  /** A word on a ground of its own colour. */
  badge: (text: string, kind: 'good' | 'soon' | 'bad' | 'quiet'): string =>
    `<span class="badge ${kind}">${escaped(text)}</span>`,
  /** A name in a path. */
  part: (name: string): string => encodeURIComponent(name),
  /** A name in a command: an address may hold characters that mean something to a shell. */
  shellWord,
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${String(character.charCodeAt(0))};`);
}
