import type { Kysely, UpdateResult } from 'kysely';
import type { Clock } from '../edges.js';
import type { Schema } from '../storage/schema.js';
import type { RecordEvent } from './audit.js';
import { clientKinds } from './certificate-kinds.js';
import type { RollOverStore } from './roll-over-store.js';

/** Which clients' certificates should be renewed at once: one certificate, all of a holder, or all of an authority. */
export type HintTarget =
  { readonly sha256: string } | { readonly holder: string } | { readonly authorityId: string };

/** How many certificates it concerns now. */
export type HintRenewal = (order: {
  readonly target: HintTarget;
  readonly actor: string;
}) => Promise<number>;

/**
 * Moves the suggested renewal window of certificates into the past. Their holders see it when they next ask for the
 * management info; whoever has renewed is not concerned any more, since the successor has a window of its own.
 */
export function makeHintRenewal(edges: {
  readonly transaction: <T>(work: (trx: Kysely<Schema>) => Promise<T>) => Promise<T>;
  readonly rollOver: Pick<RollOverStore, 'hint'>;
  readonly recordEvent: RecordEvent;
  readonly clock: Clock;
}): HintRenewal {
  const { rollOver, recordEvent, clock } = edges;
  return ({ target, actor }) =>
    edges.transaction(async (trx) => {
      const now = clock();
      const count =
        'authorityId' in target
          ? await hintAuthority(trx, { target, rollOver, now })
          : await hintCertificates(trx, { target, now });
      if (count > 0) {
        const { holder, sha256, authorityId } = { ...none, ...target };
        await recordEvent(
          {
            action: 'certificate.hinted',
            actor,
            holder,
            certificate: sha256,
            detail: { authority: authorityId, count },
          },
          trx,
        );
      }
      return count;
    });
}

const none = { holder: undefined, sha256: undefined, authorityId: undefined };

/** The hint holds for what the authority has issued until now, and for all of it once it is no longer the active one. */
async function hintAuthority(
  trx: Kysely<Schema>,
  order: {
    readonly target: { readonly authorityId: string };
    readonly rollOver: Pick<RollOverStore, 'hint'>;
    readonly now: number;
  },
): Promise<number> {
  const { authorityId } = order.target;
  const { count } = await trx
    .selectFrom('certificates')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('authority_id', '=', authorityId)
    .where('not_after', '>=', order.now)
    .where('revoked_at', 'is', null)
    .where('kind', 'in', clientKinds)
    .executeTakeFirstOrThrow();
  if (count > 0) await order.rollOver.hint(authorityId, order.now, trx);
  return count;
}

async function hintCertificates(
  trx: Kysely<Schema>,
  order: {
    readonly target: { readonly sha256: string } | { readonly holder: string };
    readonly now: number;
  },
): Promise<number> {
  const { target, now } = order;
  const update = trx
    .updateTable('certificates')
    .set({ hinted_at: now })
    .where('not_after', '>=', now)
    .where('revoked_at', 'is', null)
    .where('kind', 'in', clientKinds);
  const result: UpdateResult =
    'sha256' in target
      ? await update.where('sha256', '=', target.sha256).executeTakeFirst()
      : await update.where('holder', '=', target.holder).executeTakeFirst();
  return Number(result.numUpdatedRows);
}
