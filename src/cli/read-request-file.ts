import { readFile } from 'node:fs/promises';
import { readRequestForm } from '../pki/request-form.js';
import { codeOf } from '../setting-file.js';
import { StartFault } from '../start-fault.js';

/** The DER of a certification request in a file, PEM or DER, not yet judged. Throws a StartFault, and what readRequestForm throws. */
export async function readRequestFile(file: string): Promise<Uint8Array> {
  return readRequestForm(await readWhole(file));
}

async function readWhole(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new StartFault(
      `${file} cannot be read (${codeOf(cause)}): name the certification request with --csr.`,
      { cause },
    );
  }
}
