import { readFile } from 'node:fs/promises';
import { StartFault } from './start-fault.js';

/** The text of a file that a setting names. Throws a StartFault that names the setting, the file and the reason. */
export async function readSettingFile(variable: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new StartFault(`${variable}: ${file} cannot be read (${codeOf(cause)}).`, { cause });
  }
}

/** The code that the system or a library gave an error, for a sentence to people. */
export function codeOf(error: unknown): string {
  const hasCode = typeof error === 'object' && error !== null && 'code' in error;
  return hasCode ? String(error.code) : 'unknown error';
}
