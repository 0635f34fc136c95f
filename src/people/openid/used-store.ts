import { hash } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Clock } from '../../edges.js';
import type { Schema } from '../../storage/schema.js';

/** Whether this call is the first to use a secret that is good until `expiresAt`, of all calls on all gateways. */
export type UseOnce = (
  once: { readonly secret: string; readonly expiresAt: number },
  trx?: Kysely<Schema>,
) => Promise<boolean>;

/** Clocks of gateways may differ by so much before one of them forgets what another still takes. */
const clockDifference = 3600;

/** The SQL of single use; what nobody takes any more is forgotten on the way. */
export function makeUseOnce(db: Kysely<Schema>, clock: Clock): UseOnce {
  return async ({ secret, expiresAt }, trx = db) => {
    await trx.deleteFrom('openid_used').where('kept_until', '<', clock()).execute();
    const result = await trx
      .insertInto('openid_used')
      .values({ id: hash('sha256', secret), kept_until: expiresAt + clockDifference })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return result.numInsertedOrUpdatedRows === 1n;
  };
}
