import { shellWord } from '../notifications/letter-text.js';

/** A word on a ground of its own colour. */
export interface Badge {
  readonly text: string;
  readonly kind: 'good' | 'soon' | 'bad' | 'quiet';
}

/** Small pieces of markup that every view has; what they are given is escaped, but for words of a path or a command. */
export const pieces = {
  /** A time, exact in UTC; a script says it in the reader's zone. `seconds` UTC. */
  time: (seconds: number): string => timeElement(seconds, { isDay: false }),
  /** The same, the day alone. */
  day: (seconds: number): string => timeElement(seconds, { isDay: true }),
  /** See Badge. */
  badge: (text: string, kind: Badge['kind']): string =>
    `<span class="badge ${kind}">${escaped(text)}</span>`,
  /** A name in a path. */
  part: (name: string): string => encodeURIComponent(name),
  /** A name in a command: an address may hold characters that mean something to a shell. */
  shellWord,
};

function timeElement(seconds: number, { isDay }: { readonly isDay: boolean }): string {
  const iso = new Date(seconds * 1000).toISOString();
  const [day, clock] = [iso.slice(0, 10), iso.slice(11, 19)];
  const shown = isDay ? day : `${day} ${clock.slice(0, 5)} UTC`;
  return `<time datetime="${iso}"${isDay ? ' data-day' : ''} title="${day} ${clock} UTC">${shown}</time>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${String(character.charCodeAt(0))};`);
}
