import type { Kysely } from 'kysely';
import type { Clock, RandomBytes } from '../edges.js';
import { Failure } from '../failure.js';
import type { MasterKey } from '../storage/master-key.js';
import type { Schema } from '../storage/schema.js';
import type { RecordEvent } from './audit.js';
import { readAuthority } from './authority.js';
import type { RecordedAuthority } from './authority.js';
import type { BroughtAuthority } from './authority-files.js';
import type { AuthorityStore } from './authority-store.js';
import { makeNewAuthority, toNewAuthority } from './new-authority.js';
import type { AuthorityForm } from './new-authority.js';
import { claimKeys } from './open-authorities.js';
import type { RollOverStore } from './roll-over-store.js';

/** What the next authority is: one of the operator's, or one to be made. */
export type PrepareOrder = {
  readonly actor: string;
  /** When it is to become active by itself, in seconds UTC. */
  readonly activateAt: number | null;
  readonly requestId?: string | undefined;
  /** Whose members may read of it. */
  readonly project?: string;
  /** By how many there were before; where it is made here. */
  readonly nameFor?: (others: number) => string;
  /** What must stand or fall with it. */
  readonly alongside?: (trx: Kysely<Schema>, authority: RecordedAuthority) => Promise<void>;
} & ({ readonly brought: BroughtAuthority } | { readonly form: Omit<AuthorityForm, 'commonName'> });

export type PrepareAuthority = (order: PrepareOrder) => Promise<RecordedAuthority>;

/**
 * The first step of a roll-over: the next authority is put on record and published beside the active one, so that
 * relying parties trust it before anything is signed by it. Its key is sealed with the master key. Throws Failure
 * `authority-step-refused` where one is prepared already.
 */
export function makePrepareAuthority(edges: {
  readonly transaction: <T>(work: (trx: Kysely<Schema>) => Promise<T>) => Promise<T>;
  readonly authorities: Pick<AuthorityStore, 'list' | 'claimKey'>;
  readonly rollOver: Pick<RollOverStore, 'insertPrepared' | 'schedule'>;
  readonly recordEvent: RecordEvent;
  readonly masterKey: MasterKey;
  readonly clock: Clock;
  readonly random: RandomBytes;
}): PrepareAuthority {
  const { authorities, rollOver, masterKey, clock } = edges;
  return async (order) => {
    const others = await authorities.list();
    const next =
      'brought' in order
        ? toNewAuthority({ ...order.brought, masterKey, now: clock() })
        : await makeNewAuthority(edges, {
            ...order.form,
            commonName: (order.nameFor ?? nameForGateway)(others.length),
          });
    const { id } = next;
    if (others.some((other) => other.id === id)) {
      throw new Failure('authority-step-refused', `Authority ${id} is on record already.`);
    }
    const unwritten = { ...next, state: 'prepared', ...noMarks } as const;
    const authority = readAuthority({ ...unwritten, nextStepAt: order.activateAt });
    await edges.transaction(async (trx) => {
      if (!(await rollOver.insertPrepared(next, trx))) {
        throw new Failure(
          'authority-step-refused',
          'An authority is prepared already: activate or retire that one first.',
        );
      }
      await claimKeys(authority, {
        claimKey: (key) => authorities.claimKey(key, trx),
        where: '--cert-file',
      });
      await rollOver.schedule({ id, state: 'prepared', at: order.activateAt }, trx);
      await order.alongside?.(trx, authority);
      const { actor, requestId, project } = order;
      const detail = { authority: id, activateAt: order.activateAt };
      const event = { action: 'authority.prepared', actor, requestId, project, detail };
      await edges.recordEvent(event, trx);
    });
    return authority;
  };
}

function nameForGateway(others: number): string {
  return `Everleaf CA ${String(others + 1)}`;
}

const noMarks = {
  stateSince: 0,
  hintedAt: null,
  revokedAt: null,
  revocationReason: null,
};
