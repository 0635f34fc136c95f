import { mkdir, readdir, unlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { codeOf } from '../setting-file.js';
import { StartFault } from '../start-fault.js';
import { writePrivateFile } from '../storage/private-file.js';
import type { Command } from './context.js';
import { openOrganization } from './open-admin.js';
import { pathOf } from './rotation.js';
import type { NamedRotation } from './rotation.js';

interface Reveal extends NamedRotation {
  /** Where the files go; undefined: the answer goes to stdout. */
  readonly folder: string | undefined;
  readonly overwrites: boolean;
}

const revealed = z.looseObject({
  credentials: z.looseObject({
    username: z.string(),
    password: z.string(),
    access_cert_not_valid_after_time: z.string(),
  }),
  files: z.array(
    z.looseObject({
      // A name and no path: what an answer says stays in the folder.
      name: z.string().regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/),
      content: z.base64(),
    }),
  ),
});
type Revealed = z.output<typeof revealed>;

const ifLost =
  'The answer comes once. Look with `everleaf rotation show`: where the credentials are `waiting`, reveal again; where they are `revealed`, they are lost, and another rotation is the way to new ones.';

/**
 * `everleaf rotation reveal ACCESS ROTATION --dir FOLDER`: whatever could keep the files from being written is looked for
 * before the one call; what cannot be written all the same goes to stdout rather than to nobody.
 */
export const revealRotationCommand: Command<Reveal> = async (
  { config, output },
  { folder, overwrites, access, rotation, ...as },
) => {
  if (folder !== undefined) await prepare(folder, overwrites);
  const client = await openOrganization(config, as);
  const path = [...pathOf(client, { access, rotation }), 'reveal'];
  const answer = await client.call({ method: 'POST', path, ifLost }, revealed);
  if (folder === undefined) {
    output.line(JSON.stringify(answer, null, 2));
    process.stderr.write(`everleaf: ${warning}\n`);
    return;
  }
  const written = await writeAll(folder, answer, output.line);
  const { credentials } = answer;
  const ends = credentials.access_cert_not_valid_after_time;
  output.show({
    value: { username: credentials.username, notAfter: ends, files: written },
    text: `${written.map((file) => `Wrote ${file}`).join('\n')}\n\nThe certificate ends ${ends}. ${warning}`,
  });
};

const warning =
  'The gateway has erased these credentials: nobody is shown them again, you neither. Keep them safe now.';

async function prepare(folder: string, overwrites: boolean): Promise<void> {
  let names: readonly string[];
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    names = await readdir(folder);
    const probe = join(folder, '.everleaf-probe');
    await writePrivateFile(probe, '');
    await unlink(probe);
  } catch (cause) {
    throw new StartFault(
      `${folder} cannot be written to (${codeOf(cause)}), so nothing was revealed: name another folder with --dir.`,
      { cause },
    );
  }
  if (names.length === 0 || overwrites) return;
  throw new StartFault(
    `There are files in ${folder}, so nothing was revealed: name an empty folder, or add --force to write over them.`,
  );
}

async function writeAll(
  folder: string,
  answer: Revealed,
  line: (text: string) => void,
): Promise<readonly string[]> {
  const files = [
    ...answer.files.map(({ name, content }) => ({ name, content: Buffer.from(content, 'base64') })),
    { name: 'service.password', content: `${answer.credentials.password}\n` },
  ];
  const written: string[] = [];
  try {
    for (const { name, content } of files) {
      const file = resolve(join(folder, name));
      await writePrivateFile(file, content);
      written.push(file);
    }
    return written;
  } catch (cause) {
    line(JSON.stringify(answer, null, 2));
    throw new StartFault(
      `${folder} could not be written to after all (${codeOf(cause)}): the credentials stand on standard output, this once. Save them from there.`,
      { cause },
    );
  }
}
