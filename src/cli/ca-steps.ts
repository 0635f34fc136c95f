import { makeRevokeAuthority } from '../authority/revoke-authority.js';
import { makeRollOverStore } from '../authority/roll-over-store.js';
import type { RollOverStep } from '../authority/roll-over-policy.js';
import type { LeftBehind } from '../authority/left-behind-store.js';
import { describeLeftBehind } from '../authority/take-step.js';
import type { Stores } from '../gateway/stores.js';
import type { RevocationReason } from '../pki/revocation-reason.js';
import { StartFault } from '../start-fault.js';
import type { AuthorityState } from '../storage/schema.js';
import type { Command, CommandContext } from './context.js';
import { findFileKeyId } from './file-key.js';
import { withRecord } from './open-record.js';
import { formatTime, rfc3339 } from './output.js';
import type { Moment } from './read-date.js';

export interface StepOptions {
  readonly id: string | undefined;
  /** Undefined: now. */
  readonly at: Moment | undefined;
  readonly isForced: boolean;
}

/** `everleaf ca rotate activate [ID]`: the prepared one by default. */
export const activateAuthorityCommand: Command<StepOptions> = (context, options) =>
  step(context, { ...options, step: 'activate', from: 'prepared' });

/** `everleaf ca rotate retire [ID]`: the retiring one by default. */
export const retireAuthorityCommand: Command<StepOptions> = (context, options) =>
  step(context, { ...options, step: 'retire', from: 'retiring' });

interface Step extends StepOptions {
  readonly step: RollOverStep;
  readonly from: AuthorityState;
}

async function step(context: CommandContext, order: Step): Promise<void> {
  const { config, clock } = context;
  await withRecord(config, clock, async (stores) => {
    const id = order.id ?? (await onlyOne(stores, order.from));
    if (order.at === undefined) await stepNow(context, { ...order, id, stores });
    else await stepLater(context, { ...order, id, stores, date: order.at(clock()) });
  });
}

async function onlyOne(stores: Stores, state: AuthorityState): Promise<string> {
  const [found, ...others] = (await stores.authorities.list()).filter(
    (authority) => authority.state === state,
  );
  if (!found) throw new StartFault(`No authority is ${state}: everleaf ca rotate shows them.`);
  if (others.length > 0) {
    const ids = [found, ...others].map(({ id }) => id).join(', ');
    throw new StartFault(`More than one authority is ${state}: name one of ${ids}.`);
  }
  return found.id;
}

async function stepNow(
  { config, output, actor }: CommandContext,
  order: Step & { readonly id: string; readonly stores: Stores },
): Promise<void> {
  const { step: name, id, isForced, stores } = order;
  const fileKeyId = await findFileKeyId(config, stores);
  const { leftBehind } = await stores.takeStep({ step: name, id, actor, isForced, fileKeyId });
  const done =
    name === 'activate'
      ? `Authority ${id} is active: within a second it signs everything new.\nThe one before is retiring: its certificates stay good until everleaf ca rotate retire`
      : `Authority ${id} is retired: its certificates are no longer accepted. It leaves the bundle in a minute.`;
  const warning =
    name === 'activate'
      ? 'These have not renewed since it was prepared, so they and their peers may not know it yet'
      : 'These are cut off and need a new token';
  output.show({
    value: { id, step: name, leftBehind: namesOf(leftBehind) },
    text: withWarning(done, warning, leftBehind),
  });
}

function namesOf(leftBehind: readonly LeftBehind[]) {
  return leftBehind.map(({ holder, kind }) => ({ holder, kind }));
}

function withWarning(done: string, warning: string, leftBehind: readonly LeftBehind[]): string {
  if (leftBehind.length === 0) return done;
  return `${done}\nWARNING: ${warning}. ${describeLeftBehind(leftBehind)}`;
}

async function stepLater(
  { output, actor }: CommandContext,
  order: Step & { readonly id: string; readonly date: number | null; readonly stores: Stores },
): Promise<void> {
  const { step: name, id, date: at, from, stores } = order;
  const rollOver = makeRollOverStore();
  await stores.transaction(async (trx) => {
    if (!(await rollOver.schedule({ id, state: from, at }, trx)))
      throw new StartFault(`Authority ${id} is not ${from}: everleaf ca rotate shows its state.`);
    const detail = { authority: id, step: name, at };
    await stores.recordEvent({ action: 'authority.scheduled', actor, detail }, trx);
  });
  output.show({
    value: { id, step: name, at: rfc3339(at) },
    text:
      at === null
        ? `Authority ${id} waits for a command again.`
        : `Authority ${id}: ${name} on ${formatTime(at)}, by whichever gateway runs then.`,
  });
}

/** `everleaf ca revoke ID --reason NAME` */
export const revokeAuthorityCommand: Command<{ id: string; reason: RevocationReason }> = async (
  { config, clock, output, actor },
  { id, reason },
) => {
  const { leftBehind } = await withRecord(config, clock, (stores) => {
    const { transaction, authorities, leftBehind: leftBehindStore, recordEvent } = stores;
    const revoke = makeRevokeAuthority({
      transaction,
      authorities,
      rollOver: makeRollOverStore(),
      leftBehind: leftBehindStore,
      recordEvent,
      clock,
    });
    return revoke({ id, reason, actor });
  });
  output.show({
    value: { id, reason, state: 'revoked', leftBehind: namesOf(leftBehind) },
    text: withWarning(
      `Authority ${id} is revoked: it is published no more, and all who hold its certificates are asked to renew at once.\nThe gateway's own server certificate comes from the active authority now.`,
      'These have not renewed since the active authority was published: give them the new bundle, or they do not trust the gateway any more',
      leftBehind,
    ),
  });
};
