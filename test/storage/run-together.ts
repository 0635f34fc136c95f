import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Starts the script beside this file once for each list of arguments, all at once; what each of them printed. */
export async function runTogether(
  script: string,
  argumentLists: readonly (readonly string[])[],
): Promise<string[]> {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const run = promisify(execFile);
  const finished = await Promise.all(
    argumentLists.map((list) => run(process.execPath, ['--import', 'tsx', file, ...list])),
  );
  return finished.map(({ stdout }) => stdout.trim());
}
