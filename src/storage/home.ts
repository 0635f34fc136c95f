import { chmod, mkdir, readdir, stat } from 'node:fs/promises';
import { StartFault } from '../start-fault.js';
import { codeOf } from './error-fields.js';

/** What makes a directory a gateway's home: files of an earlier start, or nothing but what the checkout brings. */
const marks: ReadonlySet<string> = new Set(['everleaf.db', 'master.key', 'ca.crt', 'server.crt']);
const harmless: ReadonlySet<string> = new Set(['README.md']);

/**
 * Makes the gateway's home if need be and closes it to others. Returns whether it is closed: a directory that holds
 * other things stays as it is, and on a mounted volume of another owner closing may be impossible; the files in it are
 * private by themselves.
 */
export async function openHome(home: string): Promise<{ readonly isPrivate: boolean }> {
  try {
    await mkdir(home, { recursive: true, mode: 0o700 });
    if (await isHome(home)) await chmod(home, 0o700);
  } catch (cause) {
    if (codeOf(cause) !== 'EPERM') {
      const why = `the directory ${home} cannot be made or used (${codeOf(cause)})`;
      throw new StartFault(`EVERLEAF_HOME: ${why}.`, { cause });
    }
  }
  return { isPrivate: ((await stat(home)).mode & 0o077) === 0 };
}

/** Somebody's own directory, such as /tmp named by mistake, must not be closed to them. */
async function isHome(home: string): Promise<boolean> {
  const names = await readdir(home);
  return names.some((name) => marks.has(name)) || names.every((name) => harmless.has(name));
}
