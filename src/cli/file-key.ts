import { namedAuthority } from '../authority/open-authorities.js';
import type { Config } from '../config.js';
import type { Stores } from '../gateway/stores.js';

/** The authority whose key a gateway with these settings has from the operator's file; undefined where they name none. */
export async function findFileKeyId(
  { authority }: Pick<Config, 'authority'>,
  { settings }: Pick<Stores, 'settings'>,
): Promise<string | undefined> {
  return authority.certFile === undefined ? undefined : settings.find(namedAuthority);
}
