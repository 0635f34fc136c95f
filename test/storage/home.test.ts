import { describe, expect, it } from '@jest/globals';
import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openHome } from '../../src/storage/home.js';
import { StartFault } from '../../src/start-fault.js';
import { temporaryDirectories } from '../support/databases.js';

const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe('openHome', () => {
  const directory = temporaryDirectories();

  it('makes a directory that is closed to others', async () => {
    const home = join(directory(), 'a', 'b');
    expect(await openHome(home)).toEqual({ isPrivate: true });
    expect(modeOf(home)).toBe(0o700);
  });

  it.each([['README.md'], ['master.key']])('closes an open one that holds %s', async (name) => {
    const home = directory();
    writeFileSync(join(home, name), '');
    chmodSync(home, 0o755);
    expect(await openHome(home)).toEqual({ isPrivate: true });
    expect(modeOf(home)).toBe(0o700);
  });

  it('leaves a directory open that holds other things, and says so', async () => {
    const home = directory();
    mkdirSync(join(home, 'photographs'));
    chmodSync(home, 0o755);
    expect(await openHome(home)).toEqual({ isPrivate: false });
    expect(modeOf(home)).toBe(0o755);
  });

  it('refuses what is no directory', async () => {
    const file = join(directory(), 'file');
    writeFileSync(file, '');
    await expect(openHome(file)).rejects.toBeInstanceOf(StartFault);
  });
});
