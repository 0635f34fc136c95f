import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { exportKeyless, keyIsElsewhere } from '../credentials/credential-files.js';
import { makeExportFormats } from '../credentials/export-formats.js';
import type { ExportFormatName } from '../credentials/export-format-names.js';
import { writePrivateFile } from '../storage/private-file.js';
import type { Command } from './context.js';
import { namedUser, withServices } from './open-services.js';
import type { NamedUser } from './open-services.js';

/**
 * `everleaf user download PROJECT SERVICE USER`: a pair that fits and the CA, each file whole or not at all and for its
 * owner alone.
 */
export const downloadCredentialsCommand: Command<
  NamedUser & { folder: string; format: ExportFormatName }
> = async (context, { folder, format, ...named }) => {
  const exportFiles = makeExportFormats(context.random)[format];
  const { files, isKeyless } = await withServices(context, async (all) => {
    const { user } = await namedUser(all, named);
    const keyless = format === 'pem' ? await all.readKeyless(user) : undefined;
    if (keyless) return { files: exportKeyless(keyless), isKeyless: true };
    return { files: await exportFiles(await all.readCredentials(user)), isKeyless: false };
  });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const written: string[] = [];
  for (const { name, content } of files) {
    const file = resolve(join(folder, name));
    await writePrivateFile(file, content);
    written.push(file);
  }
  context.output.show({
    value: { ...named, files: written },
    text: [...written.map((file) => `Wrote ${file}`), ...(isKeyless ? [keyIsElsewhere] : [])].join(
      '\n',
    ),
  });
};
