import type { RandomBytes } from '../edges.js';
import { changePassword } from '../people/change-user.js';
import { addUserToken } from '../people/new-user-token.js';
import { drawPassword, hashChosenPassword } from '../people/passwords.js';
import { StartFault } from '../start-fault.js';
import type { Command } from './context.js';
import { firstLineOfInput } from './first-line.js';
import { withRecord } from './open-record.js';
import { formatFields, formatTime, rfc3339 } from './output.js';
import { findPerson } from './people.js';

/** `everleaf people password EMAIL` */
export const setPasswordCommand: Command<{ email: string; isFromStdin: boolean }> = async (
  { config, clock, random, output, actor },
  { email, isFromStdin },
) => {
  const { passwordHash, drawn } = isFromStdin
    ? { passwordHash: await hashChosenPassword(await passwordOfInput(), random), drawn: undefined }
    : await drawShown(random);
  const user = await withRecord(config, clock, (stores) =>
    stores.transaction(async (trx) => {
      const found = await findPerson(stores, email, trx);
      await changePassword({ ...stores, clock }, { userId: found.id, passwordHash }, trx);
      const event = { action: 'user.password-changed', actor, holder: found.email };
      await stores.recordEvent(event, trx);
      return found;
    }),
  );
  const done = `The user ${user.email} has another password; all tokens of the user are withdrawn.`;
  output.show({
    value: { id: user.id, email: user.email, ...(drawn === undefined ? {} : { password: drawn }) },
    text:
      drawn === undefined
        ? done
        : `${formatFields({ Email: user.email, Password: drawn })}\n\n${done}\nThe password is not shown again.`,
  });
};

/** `everleaf people token EMAIL` */
export const createUserTokenCommand: Command<{
  email: string;
  description: string;
  maxAgeSeconds: number | null;
  extendWhenUsed: boolean;
}> = async ({ config, clock, random, output, actor }, { email, ...order }) => {
  if (order.extendWhenUsed && order.maxAgeSeconds === null)
    throw new StartFault('--extend needs --ttl: it says for how long a use extends the token.');
  const { fullToken, token } = await withRecord(config, clock, (stores) =>
    stores.transaction(async (trx) => {
      const found = await findPerson(stores, email, trx);
      const user = await stores.users.lockActive(found.id, trx);
      if (!user) throw new StartFault(`The user ${found.email} is disabled.`);
      const making = { tokens: stores.userTokens, random, now: clock(), createdManually: true };
      const made = await addUserToken(user.id, order, making, trx);
      const detail = { token: made.token.prefix, ...order };
      const event = { action: 'user-token.created', actor, holder: user.email, detail };
      await stores.recordEvent(event, trx);
      return made;
    }),
  );
  output.show({
    value: { prefix: token.prefix, token: fullToken, expiresAt: rfc3339(token.expiresAt) },
    text: `${formatFields({
      Token: fullToken,
      Expires: token.expiresAt === null ? 'when it is withdrawn' : formatTime(token.expiresAt),
    })}\n\nThe token is not shown again.`,
  });
};

async function drawShown(random: RandomBytes) {
  const { password, passwordHash } = await drawPassword(random);
  return { passwordHash, drawn: password };
}

async function passwordOfInput(): Promise<string> {
  const line = await firstLineOfInput();
  if (line !== undefined) return line;
  throw new StartFault('--stdin: there is no line on standard input.');
}
