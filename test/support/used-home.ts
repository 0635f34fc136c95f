import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contentsOf, serve, serveReady, stopServing } from './serve.js';

/** A place of a test's own, with a home in which a gateway has run. */
export interface Place {
  readonly folder: string;
  readonly home: string;
}

/** Runs a gateway once for the file; each call gives a copy of the home that it left, removed after the test. */
export function usedHomes(): () => Place {
  const made: string[] = [];
  let used = '';
  beforeAll(async () => {
    used = mkdtempSync(join(tmpdir(), 'everleaf-used-'));
    await stopServing(await serveReady({ EVERLEAF_HOME: used }));
  });
  afterAll(() => {
    rmSync(used, { recursive: true, force: true });
  });
  afterEach(() => {
    for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    const folder = mkdtempSync(join(tmpdir(), 'everleaf-start-'));
    made.push(folder);
    const home = join(folder, 'home');
    cpSync(used, home, { recursive: true });
    return { folder, home };
  };
}

/** The start ends with exit code 1 and one sentence on stderr that names every `word`; nothing under `place` changed. */
export async function expectStartFault(input: {
  readonly place: Place;
  readonly settings: Readonly<Record<string, string>>;
  readonly words: readonly string[];
  readonly asNobody?: boolean;
}): Promise<void> {
  const { place, words, asNobody = false } = input;
  const before = contentsOf(place.folder);
  const started = await serve({
    settings: { EVERLEAF_HOME: place.home, ...input.settings },
    asNobody,
  });
  if (!('code' in started)) {
    await stopServing(started);
    throw new Error('the gateway started');
  }
  expect({ code: started.code, stdout: started.stdout }).toEqual({ code: 1, stdout: '' });
  expect(started.stderr).toMatch(/^everleaf: [^\n]+[^\n:] ?\n$/);
  expect(started.stderr).not.toMatch(/ {4}at |node:|\[object|undefined/);
  for (const word of words) expect(started.stderr).toContain(word);
  expect(contentsOf(place.folder)).toEqual(before);
}
