import type { Command } from './context.js';
import { namedUser, withServices } from './open-services.js';
import type { NamedUser } from './open-services.js';

/** `everleaf user self-service PROJECT SERVICE USER on|off` */
export const setSelfServiceCommand: Command<NamedUser & { isEnabled: boolean }> = async (
  context,
  { isEnabled, ...named },
) => {
  const { actor, output } = context;
  await withServices(context, async (all) => {
    const { user } = await namedUser(all, named);
    await all.setSelfService({ user, isEnabled, actor });
  });
  output.show({
    value: { ...named, selfService: isEnabled },
    text: isEnabled
      ? `${named.username} may fetch its next credentials with the certificate that they replace, once for each renewal.`
      : `${named.username} cannot fetch its credentials by certificate.`,
  });
};
