import type { Clock } from '../edges.js';
import { buildRevocationList, restoreRevocationList } from '../pki/revocation-list.js';
import type { RevocationListContent } from '../pki/revocation-list.js';
import type { Authority } from './authority.js';
import { lifeSeconds, nextStep } from './revocation-list-policy.js';
import type { RevocationListStore, SignedRevocationList } from './revocation-list-store.js';
import type { ReadRevoked } from './revoked-entries.js';

/** A revocation list as it is served. Times in seconds UTC. */
export interface RevocationList {
  readonly number: number;
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  /** Of the list before it; 0 for the first. */
  readonly previousUpdate: number;
  readonly der: Buffer;
}

/** The revocation list of an authority to serve now. */
export type CurrentRevocationList = (authority: Authority) => Promise<RevocationList>;

interface Edges {
  readonly store: RevocationListStore;
  readonly readRevoked: ReadRevoked;
  readonly clock: Clock;
}

/** What one authority has in this process. */
interface Kept {
  list: RevocationList | undefined;
  underWay: { readonly number: number; readonly outcome: Promise<Outcome> } | undefined;
}

/** Undefined where another replica was quicker. */
type Outcome = RevocationList | undefined;

/**
 * Serves each authority's list from memory, made anew when something was revoked since or half of its life is over:
 * whatever was revoked before the call is on it. Under one number there is one list, whoever builds it: all replicas
 * serve the same bytes.
 */
export function makeCurrentRevocationList(edges: Edges): CurrentRevocationList {
  const { store, clock } = edges;
  const keptById = new Map<string, Kept>();

  /** Once at a time for a number: who asks for the same number may have the same list. */
  async function once(kept: Kept, number: number, make: () => Promise<Outcome>): Promise<Outcome> {
    if (kept.underWay?.number === number) return kept.underWay.outcome;
    const outcome = make();
    const begun = { number, outcome };
    kept.underWay = begun;
    try {
      const list = await outcome;
      if (list && list.number > (kept.list?.number ?? 0)) kept.list = list;
      return list;
    } finally {
      if (kept.underWay === begun) kept.underWay = undefined;
    }
  }

  async function advance(authority: Authority, kept: Kept): Promise<Outcome> {
    const step = nextStep(await store.find(authority.id), clock());
    switch (step.do) {
      case 'begin':
        await store.begin(authority.id, { seen: step.seen, now: clock() });
        return undefined;
      case 'build':
        return once(kept, step.number, () => build(authority, edges, step));
      case 'serve':
        if (kept.list?.number === step.signed.number) return kept.list;
        return once(kept, step.signed.number, () => restore(authority, edges, step.signed));
    }
  }

  return async (authority) => {
    const kept = keptById.get(authority.id) ?? { list: undefined, underWay: undefined };
    keptById.set(authority.id, kept);
    for (;;) {
      const list = await advance(authority, kept);
      if (list) return list;
    }
  };
}

async function build(
  authority: Authority,
  edges: Edges,
  { number, previousUpdate }: { readonly number: number; readonly previousUpdate: number },
): Promise<Outcome> {
  const thisUpdate = edges.clock();
  const fields = { number, thisUpdate, nextUpdate: thisUpdate + lifeSeconds, previousUpdate };
  const { der, signature } = await buildRevocationList(contentOf(authority, edges, fields));
  if (!(await edges.store.publish(authority.id, { ...fields, signature }))) return undefined;
  return { ...fields, der: asBuffer(der) };
}

/** The list as another process signed it, from the same entries. */
async function restore(
  authority: Authority,
  edges: Edges,
  { signature, ...fields }: SignedRevocationList,
): Promise<Outcome> {
  const der = await restoreRevocationList(contentOf(authority, edges, fields), signature);
  if (der) return { ...fields, der: asBuffer(der) };
  // The entries are others by now. Mostly the number is too; else the record was changed behind our back.
  await edges.store.begin(authority.id, { seen: fields.number, now: edges.clock() });
  return undefined;
}

/**
 * An entry stays until a list that was made after the end of its certificate has it (RFC 5280 3.3), so it goes by the
 * time of the list before, however long ago that was.
 */
function contentOf(
  { id: authorityId, issuer }: Authority,
  { readRevoked }: Edges,
  fields: Omit<RevocationList, 'der'>,
): RevocationListContent {
  const unexpiredAt = Math.min(fields.previousUpdate, fields.thisUpdate);
  return { ...fields, issuer, entries: readRevoked({ authorityId, unexpiredAt }) };
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
