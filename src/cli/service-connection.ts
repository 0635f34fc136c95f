import { connectionLines } from '../credentials/connection-lines.js';
import type { ServiceUsers } from '../gateway/service-users.js';
import { StartFault } from '../start-fault.js';
import type { Command } from './context.js';
import { namedService, namedUser, withServices } from './open-services.js';

/** `everleaf service connection PROJECT SERVICE`: lines without a password, each with what it checks. */
export const connectionCommand: Command<{
  project: string;
  name: string;
  username: string | undefined;
}> = async (context, named) => {
  const { service, username } = await withServices(context, (all) => findBoth(all, named));
  const lines = connectionLines(service, username);
  if (lines.length === 0) {
    throw new StartFault(
      service.host === ''
        ? `The service ${service.name} has no host yet: everleaf service change ${service.project} ${service.name} --host HOST sets it.`
        : `There are no connection lines for services of type ${service.type}: its address is ${service.host}, port ${String(service.port)}.`,
    );
  }
  context.output.show({
    value: lines,
    text: lines.map(({ mode, line, checks }) => `${mode}\n  ${line}\n  ${checks}`).join('\n'),
  });
};

async function findBoth(
  all: ServiceUsers,
  { project, name, username }: { project: string; name: string; username: string | undefined },
) {
  const service = await namedService(all, { project, name });
  if (username !== undefined) {
    const { user } = await namedUser(all, { project, service: name, username });
    return { service, username: user.username };
  }
  const users = await all.users.list({ project, service: name });
  return { service, username: users.find(({ type }) => type === 'primary')?.username };
}
