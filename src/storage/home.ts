import { chmod, mkdir } from 'node:fs/promises';
import { StartFault } from '../start-fault.js';
import { codeOf } from './error-fields.js';

/**
 * Makes the gateway's home if need be and closes it to others. Returns whether it is closed: on a mounted volume of
 * another owner that may be impossible, and the files in it are private by themselves.
 */
export async function openHome(home: string): Promise<{ readonly isPrivate: boolean }> {
  try {
    await mkdir(home, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new StartFault(
      `EVERLEAF_HOME: the directory ${home} cannot be made (${codeOf(cause)}).`,
      {
        cause,
      },
    );
  }
  try {
    await chmod(home, 0o700);
    return { isPrivate: true };
  } catch (cause) {
    if (codeOf(cause) === 'EPERM') return { isPrivate: false };
    throw new StartFault(
      `EVERLEAF_HOME: the directory ${home} cannot be used (${codeOf(cause)}).`,
      {
        cause,
      },
    );
  }
}
