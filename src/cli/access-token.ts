import { makeCreateAccessToken } from '../people/access-tokens.js';
import type { Role } from '../people/roles.js';
import { StartFault } from '../start-fault.js';
import type { Command } from './context.js';
import { withRecord } from './open-record.js';
import { formatFields, formatTable, formatTime, rfc3339 } from './output.js';

/** `everleaf access-token create NAME --role ROLE` */
export const createAccessTokenCommand: Command<{
  name: string;
  role: Role;
  validitySeconds: number | undefined;
}> = async ({ config, clock, random, output, actor }, { name, role, validitySeconds }) => {
  const created = await withRecord(config, clock, async (stores) => {
    const create = makeCreateAccessToken({ store: stores.accessTokens, random, clock });
    return stores.transaction(async (trx) => {
      const made = await create({ name, role, validitySeconds: validitySeconds ?? null }, trx);
      const detail = { id: made.id, name, role };
      await stores.recordEvent({ action: 'access-token.created', actor, detail }, trx);
      return made;
    });
  });
  const { id, token, expiresAt } = created;
  output.show({
    value: { id, name, role, token, expiresAt: rfc3339(expiresAt) },
    text: `${formatFields({
      ID: id,
      Name: name,
      Role: role,
      Token: token,
      Expires: expiresAt === null ? 'when it is withdrawn' : formatTime(expiresAt),
    })}\n\nThe token is not shown again.`,
  });
};

/** `everleaf access-token list` */
export const listAccessTokensCommand: Command<object> = async ({ config, clock, output }) => {
  const tokens = await withRecord(config, clock, (stores) => stores.accessTokens.list());
  output.show({
    value: tokens.map((token) => ({
      id: token.id,
      name: token.name,
      role: token.role,
      createdAt: rfc3339(token.createdAt),
      expiresAt: rfc3339(token.expiresAt),
      lastUsedAt: rfc3339(token.lastUsedAt),
      withdrawnAt: rfc3339(token.withdrawnAt),
    })),
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
  await withRecord(config, clock, (stores) =>
    stores.transaction(async (trx) => {
      if (!(await stores.accessTokens.withdraw(id, clock(), trx))) {
        throw new StartFault(
          `There is no access token ${id} to withdraw: everleaf access-token list shows them by their IDs.`,
        );
      }
      await stores.recordEvent({ action: 'access-token.withdrawn', actor, detail: { id } }, trx);
    }),
  );
  output.show({ value: { id, state: 'withdrawn' }, text: `Access token ${id} is withdrawn.` });
};
