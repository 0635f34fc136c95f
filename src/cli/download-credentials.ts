import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { makeExportFormats } from '../credentials/export-formats.js';
import type { ExportFormatName } from '../credentials/export-formats.js';
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
  const credentials = await withServices(context, async (all) =>
    all.readCredentials((await namedUser(all, named)).user),
  );
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const written: string[] = [];
  for (const { name, content } of await makeExportFormats(context.random)[format](credentials)) {
    const file = resolve(join(folder, name));
    await writePrivateFile(file, content);
    written.push(file);
  }
  context.output.show({
    value: { ...named, files: written },
    text: written.map((file) => `Wrote ${file}`).join('\n'),
  });
};
