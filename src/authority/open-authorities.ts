import type { Clock, Log, RandomBytes } from '../edges.js';
import { isoTime } from '../iso-time.js';
import { keyFits } from '../pki/authority-key.js';
import type { AuthorityKeyType, Signer } from '../pki/authority-key.js';
import { StartFault } from '../start-fault.js';
import type { MasterKey } from '../storage/master-key.js';
import type { SettingsStore } from '../storage/settings-store.js';
import { authorityId, readAuthority } from './authority.js';
import type { RecordedAuthority } from './authority.js';
import { readAuthorityFiles, settingNames } from './authority-files.js';
import { openAuthoritySet } from './authority-set.js';
import type { AuthoritySet } from './authority-set.js';
import type { AuthorityStore } from './authority-store.js';
import { makeNewAuthority, toNewAuthority } from './new-authority.js';
import { unsealSigner } from './stored-key.js';

export interface OpenAuthoritiesEdges {
  readonly store: AuthorityStore;
  readonly settingsStore: Pick<SettingsStore, 'find' | 'set'>;
  readonly masterKey: MasterKey;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Log;
  readonly settings: {
    readonly certFile?: string | undefined;
    readonly keyFile?: string | undefined;
    readonly chainFile?: string | undefined;
    readonly keyType: AuthorityKeyType;
    readonly validitySeconds: number;
    readonly organization: string;
  };
}

interface FileKey {
  readonly id: string;
  readonly signer: Signer;
}

/**
 * The authorities of the gateway: the operator's where files are named, else those on record, the first of them made
 * at the first start. Throws StartFault when the active one cannot serve; nothing is changed then.
 */
export async function openAuthorities(edges: OpenAuthoritiesEdges): Promise<AuthoritySet> {
  const { certFile, keyFile, chainFile } = edges.settings;
  let fileKey: FileKey | undefined;
  if (certFile !== undefined && keyFile !== undefined) {
    fileKey = await bringAuthority(edges, { certFile, keyFile, chainFile });
  } else if (!(await edges.store.findActive())) {
    const { organization, keyType, validitySeconds } = edges.settings;
    const form = { organization, keyType, validitySeconds, commonName: 'Everleaf CA' };
    // Another replica may be first: what is on record counts.
    await edges.store.insertFirst(await makeNewAuthority(edges, form));
  }
  const stored = await edges.store.findActive();
  if (!stored) throw new Error('no authority is on record after one was put there');
  const active = readAuthority(stored);
  requireServiceable(active, fileKey, edges);
  await claimKeys(active, { ...edges.store, where: settingNames.cert });
  return openAuthoritySet({ ...edges, fileKey });
}

/**
 * Files that the settings name for the first time become the active authority at once. Later starts with the same files
 * only give its key: whether it is still the active one is then decided by the roll-over.
 */
async function bringAuthority(
  { store, settingsStore, masterKey, clock, log }: OpenAuthoritiesEdges,
  files: { certFile: string; keyFile: string; chainFile: string | undefined },
): Promise<FileKey> {
  const { certificate, chain, signer } = await readAuthorityFiles(
    { ...files, names: settingNames },
    clock(),
  );
  const id = authorityId(certificate);
  const active = await store.findActive();
  const isNamedBefore = (await settingsStore.find(namedAuthority)) === id;
  if (active?.id !== id && isNamedBefore) {
    log.warn(
      { authority: id },
      'EVERLEAF_CA_CERT_FILE names an authority that is not the active one any more',
    );
  } else if (active?.id !== id) {
    const now = clock();
    await claimKeys({ id, certificate, chain }, { ...store, where: settingNames.cert });
    if (!(await store.replaceActive(toNewAuthority({ certificate, chain, masterKey, now })))) {
      throw new StartFault(
        `EVERLEAF_CA_CERT_FILE: authority ${id} has been retired or revoked, which is for good: name another, or leave the setting out.`,
      );
    }
  }
  if (!isNamedBefore) await settingsStore.set(namedAuthority, id);
  return { id, signer };
}

/** The authority that the settings named last: its key is in the operator's file as long as they do. */
export const namedAuthority = 'named_authority';

/**
 * The keys of an authority and its issuers serve nobody else: no client may present or request one. `where` names what
 * the operator has to change. Throws StartFault.
 */
export async function claimKeys(
  authority: Pick<RecordedAuthority, 'id' | 'certificate' | 'chain'>,
  { claimKey, where }: Pick<AuthorityStore, 'claimKey'> & { readonly where: string },
): Promise<void> {
  for (const { spkiSha256 } of [authority.certificate, ...authority.chain]) {
    if (await claimKey({ spkiSha256, authorityId: authority.id })) continue;
    throw new StartFault(
      `${where}: a key of this authority or its chain is a client's: an authority needs a key of its own.`,
    );
  }
}

function requireServiceable(
  { id, sealedKey, certificate }: RecordedAuthority,
  fileKey: FileKey | undefined,
  { masterKey, clock }: OpenAuthoritiesEdges,
): void {
  if (fileKey?.id === id) return;
  if (sealedKey === null) {
    throw new StartFault(
      'EVERLEAF_CA_CERT_FILE and EVERLEAF_CA_KEY_FILE must be set: the authority on record keeps its key in a file.',
    );
  }
  if (!keyFits(unsealSigner(sealedKey, id, masterKey), certificate)) {
    throw new StartFault(
      `The key of authority ${id} on record does not fit its certificate: restore a backup.`,
    );
  }
  if (clock() > certificate.notAfter) {
    throw new StartFault(
      `The authority ${id} on record expired on ${isoTime(certificate.notAfter)}: bring another by EVERLEAF_CA_CERT_FILE and EVERLEAF_CA_KEY_FILE.`,
    );
  }
}
