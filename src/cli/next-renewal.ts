import { readEmail } from '../people/find-user.js';
import type { Command } from './context.js';
import { namedUser, withServices } from './open-services.js';
import type { NamedUser } from './open-services.js';
import { readRequestFile } from './read-request-file.js';

/** `everleaf user request PROJECT SERVICE USER`: a file, or none to take the request back. */
export const userRequestCommand: Command<NamedUser & { file: string | undefined }> = async (
  context,
  { file, ...named },
) => {
  const { actor, output } = context;
  const csr = file === undefined ? undefined : await readRequestFile(file);
  await withServices(context, async (all) => {
    const { user } = await namedUser(all, named);
    if (csr) await all.changeNextKey.keep({ user, csr, actor });
    else await all.changeNextKey.withdraw({ user, actor });
  });
  const { project, service, username } = named;
  output.show({
    value: { ...named, state: csr ? 'waiting' : 'withdrawn' },
    text: csr
      ? `The next renewal of ${username} issues for this key: everleaf user renew ${project} ${service} ${username} makes it now.`
      : `The certification request of ${username} is withdrawn.`,
  });
};

/** `everleaf user recipients PROJECT SERVICE USER` */
export const userRecipientsCommand: Command<
  NamedUser & { add: readonly string[]; remove: readonly string[] }
> = async (context, { add, remove, ...named }) => {
  const { actor, output } = context;
  const added = add.map(readEmail);
  const removed = new Set(remove.map(readEmail));
  const { recipients } = await withServices(context, async (all) => {
    const { user } = await namedUser(all, named);
    const wanted = [...new Set([...user.recipients, ...added])].filter((one) => !removed.has(one));
    return all.changeRecipients({ user, recipients: wanted, actor });
  });
  output.show({
    value: { ...named, recipients },
    text: recipients.length === 0 ? 'Nobody besides the usual ones.' : recipients.join('\n'),
  });
};
