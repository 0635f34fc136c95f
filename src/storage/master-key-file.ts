import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { link, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { RandomBytes } from '../edges.js';
import { StartFault } from '../start-fault.js';
import { codeOf } from './error-fields.js';

const keyBytes = 32;
/** A key file is 45 bytes long; anything longer is another file. */
const readAtMost = 256;

/** The 32 bytes in the file. Throws a StartFault when others may read it or when it holds something else. */
export async function readMasterKeyFile(file: string): Promise<Buffer> {
  const handle = await open(file, constants.O_RDONLY);
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new StartFault(`The master key file ${file} is not a regular file`);
    if ((stat.mode & 0o077) !== 0) {
      throw new StartFault(
        `The master key file ${file} can be read by others: run chmod 600 ${file}`,
      );
    }
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(readAtMost), 0, readAtMost, 0);
    const key = parseKey(buffer.toString('latin1', 0, bytesRead));
    buffer.fill(0);
    if (key !== undefined) return key;
    throw new StartFault(
      `The master key file ${file} does not hold 32 bytes as one line of base64: restore it from its backup`,
    );
  } finally {
    await handle.close();
  }
}

/**
 * Makes the file whole or not at all and never over another one: of several processes one wins, and all of them read
 * the winner's key afterwards.
 */
export async function createMasterKeyFile(file: string, random: RandomBytes): Promise<void> {
  const temporary = `${file}.${randomUUID()}`;
  const handle = await open(temporary, 'wx', 0o600);
  try {
    try {
      await handle.writeFile(`${Buffer.from(random(keyBytes)).toString('base64')}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await linkUnlessThere(temporary, file);
  } finally {
    await unlink(temporary);
  }
  await syncDirectory(dirname(file));
}

/** Canonical base64 only: the last digit of 32 bytes has two bits that must be zero. */
function parseKey(content: string): Buffer | undefined {
  const line = /^([A-Za-z0-9+/]{43}=)\r?\n?$/.exec(content)?.[1];
  if (line === undefined) return undefined;
  const key = Buffer.from(line, 'base64');
  return key.toString('base64') === line ? key : undefined;
}

async function linkUnlessThere(temporary: string, file: string): Promise<void> {
  try {
    await link(temporary, file);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

/** Without it the name could be gone after a power cut, although the content is on the disk. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
