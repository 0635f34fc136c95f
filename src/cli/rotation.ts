import { z } from 'zod';
import { collectPages } from './collect-pages.js';
import type { Command } from './context.js';
import { openOrganization } from './open-admin.js';
import type { AdminOptions, OrganizationClient } from './open-admin.js';
import {
  describeRotation,
  oneRotation,
  shownRotation,
  someRotations,
  tableOfRotations,
} from './rotation-answer.js';
import type { ShownRotation } from './rotation-answer.js';

/** Which request, and as whom. */
export interface NamedRotation extends AdminOptions {
  readonly access: string;
  readonly rotation: string;
}

/** `everleaf rotation request ACCESS --message TEXT` */
export const requestRotationCommand: Command<
  AdminOptions & { access: string; message: string; revokeOld: string }
> = async ({ config, output }, { access, message, revokeOld, ...as }) => {
  const client = await openOrganization(config, as);
  const body = { message, revoke_old: revokeOld };
  const path = client.governance('access', access, 'rotations');
  const answer = await client.call({ method: 'POST', path, body, ifLost: seeList }, oneRotation);
  const { rotation_id: id } = answer.rotation;
  output.show({
    value: answer,
    text: `Asked as ${id}. Another member of the owner group decides:\n  everleaf rotation approve ${access} ${id}`,
  });
};

/** `everleaf rotation list [ACCESS]`: of one access, of all groups of the caller, or what waits for the caller. */
export const listRotationsCommand: Command<
  AdminOptions & { access: string | undefined; isWaiting: boolean; limit: number }
> = async ({ config, output }, { access, isWaiting, limit, ...as }) => {
  const client = await openOrganization(config, as);
  const path = client.governance(
    ...(access !== undefined
      ? ['access', access, 'rotations']
      : [isWaiting ? 'approvals' : 'rotations']),
  );
  const { rows, hasMore } = await collectPages(async (cursor) => {
    const answer = await client.call({ method: 'GET', path, query: { cursor } }, someRotations);
    return { rows: answer.rotations, next: answer.next_cursor ?? null };
  }, limit);
  const more = hasMore ? `\n\nThere are more: --limit ${String(limit * 2)} shows them.` : '';
  output.show({ value: { rotations: rows }, text: `${tableOfRotations(rows)}${more}` });
};

/** `everleaf rotation show ACCESS ROTATION` */
export const showRotationCommand: Command<NamedRotation> = async (
  { config, output },
  { access, rotation: id, ...as },
) => {
  const client = await openOrganization(config, as);
  const rotation = await fetchRotation(client, { access, rotation: id });
  output.show({ value: { rotation }, text: describeRotation(rotation) });
};

/** `everleaf rotation decline ACCESS ROTATION --reason TEXT` */
export const declineRotationCommand: Command<NamedRotation & { reason: string }> = async (
  { config, output },
  { access, rotation, reason, ...as },
) => {
  const client = await openOrganization(config, as);
  const path = [...pathOf(client, { access, rotation }), 'decline'];
  const call = { method: 'POST', path, body: { reason }, ifLost: seeList } as const;
  const answer = await client.call(call, oneRotation);
  output.show({ value: answer, text: `Declined ${rotation}: nothing of the access has changed.` });
};

/** `everleaf rotation delete ACCESS ROTATION` */
export const deleteRotationCommand: Command<NamedRotation> = async (
  { config, output },
  { access, rotation, ...as },
) => {
  const client = await openOrganization(config, as);
  const path = pathOf(client, { access, rotation });
  const answer = await client.call({ method: 'DELETE', path, ifLost: seeList }, z.looseObject({}));
  output.show({ value: answer, text: `Deleted ${rotation}: the access is free for another one.` });
};

/** A request with all that its approval binds. */
export async function fetchRotation(
  client: OrganizationClient,
  name: Pick<NamedRotation, 'access' | 'rotation'>,
): Promise<ShownRotation> {
  const call = { method: 'GET', path: pathOf(client, name) } as const;
  return (await client.call(call, shownRotation)).rotation;
}

/** The path of a request. */
export function pathOf(
  client: OrganizationClient,
  { access, rotation }: Pick<NamedRotation, 'access' | 'rotation'>,
): readonly string[] {
  return client.governance('access', access, 'rotations', rotation);
}

/** What to do where an answer is lost that can be looked up. */
export const seeList =
  'It may have been done nevertheless: `everleaf rotation list` and `everleaf rotation show` say so.';
