import { makeCreateAccessToken } from '../people/access-tokens.js';
import { isRole, roles } from '../people/roles.js';
import { StartFault } from '../start-fault.js';
import type { Command } from './context.js';
import { withRecord } from './open-record.js';
import { formatTable, formatTime } from './output.js';

/** `everleaf access-token create NAME --role ROLE` */
export const createAccessTokenCommand: Command<{
  name: string;
  role: string;
  validitySeconds: number | undefined;
}> = async ({ config, clock, random, output, actor }, { name, role, validitySeconds }) => {
  if (!isRole(role)) throw new StartFault(`--role must be one of ${roles.join(', ')}.`);
  const created = await withRecord(config, clock, async (stores) => {
    const create = makeCreateAccessToken({ store: stores.accessTokens, random, clock });
    const made = await create({ name, role, validitySeconds: validitySeconds ?? null });
    await stores.recordEvent({
      action: 'access-token.created',
      actor,
      detail: { id: made.id, name, role },
    });
    return made;
  });
  output.show({
    value: { ...created, role },
    text: `ID     ${created.id}\nToken  ${created.token}`,
  });
};

/** `everleaf access-token list` */
export const listAccessTokensCommand: Command<object> = async ({ config, clock, output }) => {
  const tokens = await withRecord(config, clock, (stores) => stores.accessTokens.list());
  output.show({
    value: tokens,
    text: formatTable(
      ['ID', 'NAME', 'ROLE', 'CREATED', 'EXPIRES', 'LAST USED', 'WITHDRAWN'],
      tokens.map((token) => [
        token.id,
        token.name,
        token.role,
        formatTime(token.createdAt),
        formatTime(token.expiresAt),
        formatTime(token.lastUsedAt),
        formatTime(token.withdrawnAt),
      ]),
    ),
  });
};

/** `everleaf access-token withdraw ID` */
export const withdrawAccessTokenCommand: Command<{ id: string }> = async (
  { config, clock, output, actor },
  { id },
) => {
  await withRecord(config, clock, async (stores) => {
    if (!(await stores.accessTokens.withdraw(id, clock()))) {
      throw new StartFault(`There is no access token ${id} that could be withdrawn.`);
    }
    await stores.recordEvent({ action: 'access-token.withdrawn', actor, detail: { id } });
  });
  output.show({ value: { id, state: 'withdrawn' }, text: `Access token ${id} is withdrawn.` });
};
