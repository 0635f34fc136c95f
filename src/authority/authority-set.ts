import type { Clock, Log } from '../edges.js';
import type { Signer } from '../pki/authority-key.js';
import type { MasterKey } from '../storage/master-key.js';
import { makeAuthority, readAuthority } from './authority.js';
import type { Authority, RecordedAuthority } from './authority.js';
import type { AuthorityStore, StoredAuthority } from './authority-store.js';
import { chooseServerIssuer } from './published-authorities.js';
import type { PublishableAuthority } from './published-authorities.js';
import { isPublishedAt } from './roll-over-policy.js';
import { openFittingKey } from './stored-key.js';

/** An authority on record, and the means to sign by it where its key is at hand. */
export interface KnownAuthority extends PublishableAuthority {
  readonly signing: Authority | undefined;
}

/** The authorities as this process knows them now. Each question is answered anew: a roll-over changes the answers. */
export interface AuthoritySet {
  /** Signs everything new. */
  active(): Authority;
  /** Signs the gateway's own server certificate. */
  serverIssuer(): Authority;
  find(id: string): KnownAuthority | undefined;
  /** Those that can sign, retired ones too: their certificates are asked about as long as they live. */
  signing(): readonly Authority[];
  /** The oldest first; another array when anything has changed. */
  list(): readonly KnownAuthority[];
  /** Reads the record again. */
  refresh(): Promise<void>;
}

interface AuthoritySetEdges {
  readonly store: Pick<AuthorityStore, 'list'>;
  readonly masterKey: MasterKey;
  /** The key that the operator keeps in a file. */
  readonly fileKey: { readonly id: string; readonly signer: Signer } | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** Opens every authority on record; at the start the active one must be able to sign. */
export async function openAuthoritySet(edges: AuthoritySetEdges): Promise<AuthoritySet> {
  let known: readonly KnownAuthority[] = [];
  let active: Authority | undefined;
  let looking: Promise<void> = Promise.resolve();

  async function look(): Promise<void> {
    const stored = await edges.store.list();
    const marked = stored.map((one) => ({
      ...one,
      isPublished: isPublishedAt(one, edges.clock()),
    }));
    if (isSame(marked, known)) return;
    const next = marked.map((one) => open(one, known, edges));
    known = next;
    const signing = next.find(({ state }) => state === 'active')?.signing;
    if (signing) active = signing;
    else
      edges.log.error({}, 'the key of the active authority is not here: the one before signs on');
  }

  const set: AuthoritySet = {
    active: () => {
      if (!active) throw new Error('no authority is active');
      return active;
    },
    serverIssuer: () =>
      chooseServerIssuer(known, { now: edges.clock(), fileKeyId: edges.fileKey?.id })?.signing ??
      set.active(),
    find: (id) => known.find((one) => one.id === id),
    signing: () => known.flatMap(({ signing }) => signing ?? []),
    list: () => known,
    refresh: () => {
      looking = looking.then(look, look);
      return looking;
    },
  };
  await set.refresh();
  return set;
}

function isSame(stored: readonly Traits[], known: readonly Traits[]): boolean {
  const traits = (one: Traits): string => {
    const { id, state, stateSince, nextStepAt, hintedAt, revokedAt, isPublished } = one;
    return [id, state, stateSince, nextStepAt, hintedAt, revokedAt, isPublished].join(' ');
  };
  return stored.map(traits).join('\n') === known.map(traits).join('\n');
}

type Traits = Pick<
  KnownAuthority,
  'id' | 'state' | 'stateSince' | 'nextStepAt' | 'hintedAt' | 'revokedAt' | 'isPublished'
>;

/** An authority keeps its signer: whoever holds it signs on while its state changes. */
function open(
  { isPublished, ...stored }: StoredAuthority & { readonly isPublished: boolean },
  known: readonly KnownAuthority[],
  edges: AuthoritySetEdges,
): KnownAuthority {
  const authority = { ...readAuthority(stored), isPublished };
  const before = known.find(({ id }) => id === stored.id)?.signing;
  if (before) return { ...authority, signing: before };
  const { certificate, chain } = authority;
  const signer = findSigner(authority, edges);
  return {
    ...authority,
    signing: signer && makeAuthority({ issuer: { certificate, signer }, chain }),
  };
}

function findSigner(
  { id, sealedKey, certificate }: RecordedAuthority,
  { masterKey, fileKey, log }: AuthoritySetEdges,
): Signer | undefined {
  if (fileKey?.id === id) return fileKey.signer;
  if (sealedKey === null) {
    log.warn(
      { authority: id },
      'the key of an authority is in a file of the operator: its revocation list is not served here',
    );
    return undefined;
  }
  // One damaged key must not keep a gateway from following what becomes of the others.
  const signer = openFittingKey({ sealedKey, id, certificate }, masterKey);
  if (signer) return signer;
  log.error(
    { authority: id },
    'the key of an authority on record is damaged or does not fit its certificate: restore a backup',
  );
  return undefined;
}
