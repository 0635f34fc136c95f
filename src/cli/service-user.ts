import { refuseWithheld } from '../credentials/governed-user.js';
import { judgeUsername } from '../credentials/service-names.js';
import type { ServiceUser } from '../credentials/service-user.js';
import type { Command } from './context.js';
import { namedService, namedUser, withServices } from './open-services.js';
import type { NamedUser } from './open-services.js';
import { formatFields, formatTable, formatTime, rfc3339 } from './output.js';

/** `everleaf user list PROJECT SERVICE` */
export const listServiceUsersCommand: Command<Omit<NamedUser, 'username'>> = async (
  context,
  { project, service: name },
) => {
  const users = await withServices(context, async (all) => {
    const service = await namedService(all, { project, name });
    return all.users.list({ project, service: service.name });
  });
  context.output.show({
    value: users.map(summaryOf),
    text: formatTable(
      ['NAME', 'TYPE', 'CERTIFICATE ENDS', 'OLD ONE ENDS'],
      users.map((one) => [
        one.username,
        one.type,
        formatTime(one.pair?.notAfter ?? null),
        formatTime(one.pending?.oldNotAfter ?? null),
      ]),
    ),
  });
};

/** `everleaf user create PROJECT SERVICE USER` */
export const createServiceUserCommand: Command<NamedUser> = async (context, named) => {
  const { actor, output } = context;
  const { project, service: name, username } = named;
  const user = await withServices(context, async (all) => {
    const service = await namedService(all, { project, name });
    const { validitySeconds } = await all.findRenewalSettings(service);
    return all.createUser({
      service,
      username: judgeUsername(username),
      type: 'normal',
      accessControl: {},
      authentication: null,
      validitySeconds,
      actor,
    });
  });
  const hint = `everleaf user download ${project} ${name} ${username}`;
  output.show({
    value: summaryOf(user),
    text: user.pair ? `${textOf(user)}\n\nKey and certificate: ${hint}` : textOf(user),
  });
};

/** `everleaf user show PROJECT SERVICE USER`; the password where it is asked for. */
export const showServiceUserCommand: Command<NamedUser & { withPassword: boolean }> = async (
  context,
  { withPassword, ...named },
) => {
  const { user, password } = await withServices(context, async (all) => {
    const found = (await namedUser(all, named)).user;
    const { id, sealedPassword } = found;
    if (withPassword) refuseWithheld(found);
    if (!withPassword || sealedPassword === null) return { user: found, password: undefined };
    return { user: found, password: all.secrets.openPassword(sealedPassword, id) };
  });
  const fields = password === undefined ? '' : `\n${formatFields({ Password: password })}`;
  context.output.show({
    value: { ...summaryOf(user), ...(password === undefined ? {} : { password }) },
    text: textOf(user) + fields,
  });
};

/** `everleaf user delete PROJECT SERVICE USER` */
export const deleteServiceUserCommand: Command<NamedUser> = async (context, named) => {
  const { actor, output } = context;
  await withServices(context, async (all) => {
    const { user } = await namedUser(all, named);
    await all.deleteUser({ user, actor });
  });
  output.show({
    value: { ...named, state: 'deleted' },
    text: `The user ${named.username} is deleted, and its certificates are revoked.`,
  });
};

/** `everleaf user reset PROJECT SERVICE USER` */
export const resetServiceUserCommand: Command<NamedUser> = async (context, named) => {
  const { actor, output } = context;
  const user = await withServices(context, async (all) => {
    const { service, user: before } = await namedUser(all, named);
    const { validitySeconds } = await all.findRenewalSettings(service);
    await all.resetCredentials({ service, user: before, validitySeconds, actor });
    return (await namedUser(all, named)).user;
  });
  output.show({
    value: summaryOf(user),
    text: `${textOf(user)}\n\nThe old certificate, where there is one, works to its own end unless it is revoked.`,
  });
};

/** `everleaf user acknowledge PROJECT SERVICE USER` */
export const acknowledgeRenewalCommand: Command<NamedUser> = async (context, named) => {
  const { actor, output } = context;
  const isNew = await withServices(context, async (all) => {
    const { user } = await namedUser(all, named);
    return all.acknowledgeRenewal({ user, actor });
  });
  output.show({
    value: { ...named, isNew },
    text: isNew
      ? `The renewal of ${named.username} is acknowledged.`
      : `Nothing is pending for ${named.username}.`,
  });
};

function summaryOf(user: ServiceUser) {
  return {
    project: user.project,
    service: user.service,
    username: user.username,
    type: user.type,
    certificate: user.pair?.sha256 ?? null,
    notAfter: rfc3339(user.pair?.notAfter ?? null),
    expiringNotAfter: rfc3339(user.pending?.oldNotAfter ?? null),
    renewalAskedAt: rfc3339(user.renewalAskedAt),
    requestSince: rfc3339(user.nextKey?.since ?? null),
    selfService: user.isSelfService,
    accessId: user.accessId,
    recipients: user.recipients,
    createdAt: rfc3339(user.createdAt),
  };
}

function textOf(user: ServiceUser): string {
  return formatFields({
    Name: user.username,
    Service: `${user.project}/${user.service}`,
    Type: user.type,
    Certificate: user.pair?.sha256 ?? null,
    Ends: formatTime(user.pair?.notAfter ?? null),
    'Old one ends': formatTime(user.pending?.oldNotAfter ?? null),
    'Renewal asked for': formatTime(user.renewalAskedAt),
    'Own request since': formatTime(user.nextKey?.since ?? null),
    'Self-service': user.isSelfService ? 'on' : 'off',
    Access: user.accessId,
    'Also hear of it': user.recipients.length === 0 ? null : user.recipients.join(' '),
    Created: formatTime(user.createdAt),
  });
}
