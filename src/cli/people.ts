import type { Stores } from '../gateway/stores.js';
import { addUser, drawUser, userWithoutPassword } from '../people/add-user.js';
import { makeChangePersonState } from '../people/change-person-state.js';
import { findFirstOrganization } from '../people/first-organization.js';
import { signInWays } from '../people/sign-in-ways.js';
import type { User } from '../people/user-store.js';
import { StartFault } from '../start-fault.js';
import type { Command } from './context.js';
import { withProjects } from './open-projects.js';
import { withRecord } from './open-record.js';
import { formatFields, formatTable, formatTime, rfc3339 } from './output.js';

/** `everleaf people list` */
export const listPeopleCommand: Command<object> = async ({ config, clock, output }) => {
  const users = await withRecord(config, clock, (stores) => stores.users.list());
  output.show({
    value: users.map((user) => ({
      id: user.id,
      email: user.email,
      realName: user.realName,
      state: user.state,
      role: user.gatewayRole,
      createdAt: rfc3339(user.createdAt),
      lastActivityAt: rfc3339(user.lastActivityAt),
      auth: signInWays(user),
    })),
    text: formatTable(
      ['EMAIL', 'NAME', 'STATE', 'ROLE', 'SIGN-IN', 'ADDED', 'LAST ACTIVE'],
      users.map((user) => [
        user.email,
        user.realName,
        user.state,
        user.gatewayRole ?? '-',
        signInWays(user).join(',') || '-',
        formatTime(user.createdAt),
        formatTime(user.lastActivityAt),
      ]),
    ),
  });
};

/** `everleaf people add EMAIL` */
export const addPersonCommand: Command<{
  email: string;
  realName: string | undefined;
  isAdmin: boolean;
  hasPassword: boolean;
}> = async ({ config, clock, random, output, actor }, { email, isAdmin, ...order }) => {
  const person = { email, realName: order.realName ?? email.slice(0, 64) };
  const { user, password } = order.hasPassword
    ? await drawUser(person, { clock, random })
    : { user: userWithoutPassword(person, { clock, random }), password: undefined };
  await withRecord(config, clock, (stores) =>
    stores.transaction(async (trx) => {
      const organizationId = await findFirstOrganization(trx);
      if (organizationId === undefined) throw notStarted();
      await addUser(stores.users, { user, organizationId, isAdmin }, trx);
      const event = { action: 'user.added', actor, holder: user.email, detail: { isAdmin } };
      await stores.recordEvent(event, trx);
    }),
  );
  const { id } = user;
  await withProjects({ config, clock, random }, ({ acceptInvitations }) =>
    acceptInvitations({ userId: id, email: user.email }),
  );
  const value = { id, email: user.email, realName: user.realName, isAdmin };
  const fields = { Email: user.email, Name: user.realName };
  output.show(
    password === undefined
      ? {
          value,
          text: `${formatFields(fields)}\n\nThe user signs in by OpenID Connect, at /sign-in/openid of the admin listener.`,
        }
      : {
          value: { ...value, password },
          text: `${formatFields({ ...fields, Password: password })}\n\nThe password is not shown again.`,
        },
  );
};

/** `everleaf people disable EMAIL` and `enable EMAIL` */
export const setPersonStateCommand: Command<{ email: string; state: User['state'] }> = async (
  { config, clock, output, actor },
  { email, state },
) => {
  const user = await withRecord(config, clock, async (stores) => {
    const found = await findPerson(stores, email);
    await makeChangePersonState({ ...stores, clock })({ user: found, state, actor });
    return found;
  });
  output.show({
    value: { id: user.id, email: user.email, state },
    text: `The user ${user.email} is ${state}.`,
  });
};

/** The user with this address. Throws a StartFault that says where the others are. */
export async function findPerson(
  { users }: Pick<Stores, 'users'>,
  email: string,
  trx?: Parameters<Stores['users']['findByEmail']>[1],
): Promise<User> {
  const user = await users.findByEmail(email.toLowerCase(), trx);
  if (user) return user;
  throw new StartFault(
    `There is no user with the address ${email}: everleaf people list shows all of them.`,
  );
}

function notStarted(): StartFault {
  return new StartFault(
    'There is no organisation yet: start this release once with `everleaf serve`, then add people.',
  );
}
