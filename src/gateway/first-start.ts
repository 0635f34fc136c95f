import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuthoritySet } from '../authority/authority-set.js';
import { toPem } from '../authority/chains.js';
import { publishedAnchors } from '../authority/published-authorities.js';
import type { CreateAccessToken } from '../people/access-tokens.js';
import { writePrivateFile } from '../storage/private-file.js';
import { codeOf } from '../storage/error-fields.js';
import type { Stores } from './stores.js';

/** Writes `ca.crt`, what clients trust, into home where it is not there as it should be. */
export async function keepTrustAnchors(
  home: string,
  authorities: Pick<AuthoritySet, 'list'>,
): Promise<string> {
  const file = join(home, 'ca.crt');
  const pem = toPem(publishedAnchors(authorities.list()));
  if ((await readIfThere(file)) !== pem) await writePrivateFile(file, pem, 0o644);
  return file;
}

/**
 * The first start on a database makes an access token for its administrator and keeps it in `admin.token`; of several
 * replicas one does. Returns the file when it was made now.
 */
export async function makeFirstAccessToken(edges: {
  readonly home: string;
  readonly stores: Pick<Stores, 'transaction' | 'settings' | 'recordEvent'>;
  readonly createAccessToken: CreateAccessToken;
}): Promise<string | undefined> {
  const { home, stores, createAccessToken } = edges;
  const file = join(home, 'admin.token');
  const order = {
    name: 'first administrator',
    role: 'administrator',
    validitySeconds: null,
  } as const;
  return stores.transaction(async (trx) => {
    if (!(await stores.settings.claim('first_access_token', 'made', trx))) return undefined;
    const { token, id } = await createAccessToken(order, trx);
    const detail = { id, name: order.name, role: order.role };
    await stores.recordEvent({ action: 'access-token.created', actor: 'gateway', detail }, trx);
    // Before the commit: a crash leaves a file that opens nothing and is written anew, never a gateway without one.
    await writePrivateFile(file, `${token}\n`);
    return file;
  });
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
