import { readFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import { codeOf } from '../setting-file.js';
import { StartFault } from '../start-fault.js';
import type { Command } from './context.js';
import { readDenyList } from './deny-list.js';
import { withRecord } from './open-record.js';

/** `everleaf certificate deny FILE`: `-` reads standard input. */
export const denyCertificatesCommand: Command<{ file: string }> = async (
  { config, clock, output, actor },
  { file },
) => {
  const sha256s = readDenyList(file === '-' ? await textOf(process.stdin) : await readList(file));
  const order = { sha256s, reason: 'unspecified', actor } as const;
  const outcome = await withRecord(config, clock, (stores) => stores.deny(order));
  const { added, revoked, known } = outcome;
  const total = added + revoked + known;
  output.show({
    value: { total, ...outcome },
    text: `${String(total)} on the list: ${String(added)} new, ${String(revoked)} revoked because on record, ${String(known)} denied or revoked before.`,
  });
};

async function readList(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new StartFault(`${file} cannot be read (${codeOf(cause)}).`, { cause });
  }
}
