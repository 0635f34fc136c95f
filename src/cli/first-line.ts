import { createInterface } from 'node:readline';

/** The first line of standard input, from a terminal or a pipe; undefined where it ends before one. */
export async function firstLineOfInput(): Promise<string | undefined> {
  for await (const line of createInterface({ input: process.stdin })) return line;
  return undefined;
}
