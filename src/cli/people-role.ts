import { makeChangeGatewayRole } from '../people/change-gateway-role.js';
import type { Role } from '../people/roles.js';
import type { Command } from './context.js';
import { withRecord } from './open-record.js';

/** `everleaf people role EMAIL ROLE`; null for none. */
export const setGatewayRoleCommand: Command<{ email: string; role: Role | null }> = async (
  { config, clock, output, actor },
  { email, role },
) => {
  await withRecord(config, clock, (stores) =>
    makeChangeGatewayRole(stores)({ email, role, actor }),
  );
  const user = email.toLowerCase();
  output.show({
    value: { email: user, role: role ?? 'none' },
    text:
      role === null
        ? `The user ${user} has no role on the gateway any more.`
        : `The user ${user} is ${role} of the gateway.`,
  });
};
