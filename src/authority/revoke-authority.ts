import type { Kysely } from 'kysely';
import type { Clock } from '../edges.js';
import { Failure } from '../failure.js';
import type { RevocationReason } from '../pki/revocation-reason.js';
import type { Schema } from '../storage/schema.js';
import type { RecordEvent } from './audit.js';
import type { AuthorityStore } from './authority-store.js';
import type { LeftBehind, LeftBehindStore } from './left-behind-store.js';
import type { RollOverStore } from './roll-over-store.js';

export type RevokeAuthority = (order: {
  readonly id: string;
  readonly reason: RevocationReason;
  readonly actor: string;
}) => Promise<{ readonly leftBehind: LeftBehind[] }>;

/**
 * Notes that an authority is not to be trusted any more: it leaves the published bundle, can never be active again, and
 * all who hold its certificates are asked to renew at once. At the gateway they can still do so until it is retired,
 * since the gateway trusts its record and not the authority's signature. But its own server certificate comes from another
 * one now: whom that leaves behind, since they have not renewed since that one was published, is the answer. Throws
 * Failure `authority-step-refused`.
 */
export function makeRevokeAuthority(edges: {
  readonly transaction: <T>(work: (trx: Kysely<Schema>) => Promise<T>) => Promise<T>;
  readonly authorities: Pick<AuthorityStore, 'list'>;
  readonly rollOver: Pick<RollOverStore, 'revoke'>;
  readonly leftBehind: Pick<LeftBehindStore, 'findUntold'>;
  readonly recordEvent: RecordEvent;
  readonly clock: Clock;
}): RevokeAuthority {
  const { rollOver, clock } = edges;
  return async ({ id, reason, actor }) => {
    const authorities = await edges.authorities.list();
    const active = authorities.find(({ state }) => state === 'active');
    const wasInUse = authorities.some((one) => one.id === id && one.state === 'retiring');
    const leftBehind =
      active && wasInUse ? await edges.leftBehind.findUntold(active.createdAt, clock()) : [];
    await edges.transaction(async (trx) => {
      if (!(await rollOver.revoke({ id, reason, now: clock() }, trx))) {
        throw new Failure(
          'authority-step-refused',
          `Authority ${id} is active, unknown or revoked already. An active one needs a successor first: \`everleaf ca rotate prepare\`, then \`everleaf ca rotate activate\`. That of a project retires instead: \`everleaf ca rotate retire ${id} --project PROJECT --force\`.`,
        );
      }
      const detail = { authority: id, reason, leftBehind: leftBehind.length };
      await edges.recordEvent(
        { level: 'warning', action: 'authority.revoked', actor, detail },
        trx,
      );
    });
    return { leftBehind };
  };
}
