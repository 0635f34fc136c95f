import { printable } from './printable.js';

/** `2026-11-20 09:30 UTC` */
export function utcTime(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** `2026-11-20` */
export function utcDay(seconds: number): string {
  return utcTime(seconds).slice(0, 10);
}

/** One word for a POSIX shell, whatever a name holds. */
export function shellWord(name: string): string {
  const word = printable(name);
  return /^[A-Za-z0-9_.@/+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
