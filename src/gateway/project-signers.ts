import { makeAuthority, readAuthority } from '../authority/authority.js';
import type { Authority } from '../authority/authority.js';
import type { AuthorityStore } from '../authority/authority-store.js';
import { unsealSigner } from '../authority/stored-key.js';
import type { MasterKey } from '../storage/master-key.js';

/** The authority of a project that signs now, with its key. Throws where the project has none. */
export function makeActiveAuthority({
  authorities,
  masterKey,
}: {
  readonly authorities: Pick<AuthorityStore, 'findActive'>;
  readonly masterKey: MasterKey;
}): (project: string) => Promise<Authority> {
  const opened = new Map<string, Authority>();
  return async (project) => {
    const stored = await authorities.findActive(`project:${project}`);
    if (!stored?.sealedKey) throw new Error(`project ${project} has no authority`);
    const known = opened.get(project);
    if (known?.id === stored.id) return known;
    const { id, certificate, chain } = readAuthority(stored);
    const signer = unsealSigner(stored.sealedKey, id, masterKey);
    const authority = makeAuthority({ issuer: { certificate, signer }, chain });
    opened.set(project, authority);
    return authority;
  };
}
