import { z } from 'zod';
import { StartFault } from '../start-fault.js';
import { collectPages } from './collect-pages.js';
import type { Command } from './context.js';
import { openOrganization } from './open-admin.js';
import type { AdminOptions, OrganizationClient } from './open-admin.js';
import { formatFields, formatTable } from './output.js';
import { describeAcl } from './rotation-answer.js';
import { visibleLine } from './visible-text.js';

const acl = z.looseObject({
  resource_name: z.string(),
  operation: z.string(),
  host: z.string().prefault('*'),
});

const access = z.looseObject({
  access_id: z.string(),
  access_name: z.string(),
  owner_user_group_id: z.string(),
  access_data: z.looseObject({
    project_name: z.string(),
    service_name: z.string(),
    username: z.string(),
    acls: z.array(acl),
  }),
  create_time: z.string(),
  credentials_state: z.string().nullish(),
});
type Access = z.output<typeof access>;

const oneAccess = z.looseObject({ access });
const someAccesses = z.looseObject({ access: z.array(access), next: z.string().nullish() });

type NamedAccess = AdminOptions & { readonly access: string };

export interface NewAccessOptions extends AdminOptions {
  readonly name: string;
  readonly project: string;
  readonly service: string;
  readonly user: string | undefined;
  /** Name or id. */
  readonly group: string;
  /** Topics. */
  readonly read: readonly string[];
  readonly write: readonly string[];
}

/** `everleaf access create NAME ...` */
export const createAccessCommand: Command<NewAccessOptions> = async (
  { config, output },
  { name, project, service, user, group, read, write, ...as },
) => {
  const client = await openOrganization(config, as);
  const may = (operation: 'Read' | 'Write') => (resource_name: string) => ({
    resource_name,
    resource_type: 'Topic',
    operation,
    permission_type: 'ALLOW',
    host: '*',
  });
  const body = {
    access_name: name,
    access_type: 'KAFKA',
    owner_user_group_id: await groupNamed(client, group),
    access_data: {
      project_name: project,
      service_name: service,
      ...(user === undefined ? {} : { username: user }),
      acls: [...read.map(may('Read')), ...write.map(may('Write'))],
    },
  };
  const ifLost = 'It may have been made nevertheless: `everleaf access list` says so.';
  const path = client.governance('access');
  const answer = await client.call({ method: 'POST', path, body, ifLost }, oneAccess);
  const { access_id: id } = answer.access;
  output.show({
    value: answer,
    text: `${describeAccess(answer.access)}\n\nThe rights are Kafka's to enforce: everleaf access kafka-acls ${id} writes the script.`,
  });
};

/** `everleaf access list` */
export const listAccessesCommand: Command<
  AdminOptions & { group: string | undefined; topic: string | undefined; limit: number }
> = async ({ config, output }, { group, topic, limit, ...as }) => {
  const client = await openOrganization(config, as);
  const owner = group === undefined ? undefined : await groupNamed(client, group);
  const path = client.governance('access');
  const { rows, hasMore } = await collectPages(async (cursor) => {
    const query = { cursor, owner_user_group_id: owner, resource_name: topic };
    const answer = await client.call({ method: 'GET', path, query }, someAccesses);
    return { rows: answer.access, next: answer.next ?? null };
  }, limit);
  const table = formatTable(
    ['ACCESS', 'NAME', 'SERVICE USER', 'OWNER GROUP', 'TOPICS', 'CREDENTIALS'],
    rows.map((one) => [
      one.access_id,
      visibleLine(one.access_name),
      userOf(one),
      one.owner_user_group_id,
      String(new Set(one.access_data.acls.map(({ resource_name }) => resource_name)).size),
      one.credentials_state ?? '-',
    ]),
  );
  const more = hasMore ? `\n\nThere are more: --limit ${String(limit * 2)} shows them.` : '';
  output.show({ value: { access: rows }, text: `${table}${more}` });
};

/** `everleaf access show ACCESS` */
export const showAccessCommand: Command<NamedAccess> = async (
  { config, output },
  { access: id, ...as },
) => {
  const client = await openOrganization(config, as);
  const call = { method: 'GET', path: client.governance('access', id) } as const;
  const answer = await client.call(call, oneAccess);
  output.show({ value: answer, text: describeAccess(answer.access) });
};

/** `everleaf access delete ACCESS` */
export const deleteAccessCommand: Command<NamedAccess> = async (
  { config, output },
  { access: id, ...as },
) => {
  const client = await openOrganization(config, as);
  const call = { method: 'DELETE', path: client.governance('access', id) } as const;
  const answer = await client.call(call, z.looseObject({ access_id: z.string() }));
  const text = `Deleted ${id}. The service user stays, with the credentials that it has.`;
  output.show({ value: answer, text });
};

/** `everleaf access kafka-acls ACCESS`: the script itself, to be kept or piped into a shell. */
export const kafkaAclsCommand: Command<NamedAccess> = async (
  { config, output },
  { access: id, ...as },
) => {
  const client = await openOrganization(config, as);
  const script = await client.text({
    method: 'GET',
    path: client.governance('access', id, 'kafka-acls'),
  });
  output.show({ value: { access_id: id, script }, text: script.replace(/\n$/, '') });
};

const groups = z.object({
  user_groups: z.array(z.object({ user_group_id: z.string(), user_group_name: z.string() })),
});

async function groupNamed(client: OrganizationClient, group: string): Promise<string> {
  const path = client.ofOrganization('user-groups');
  const { user_groups: all } = await client.call({ method: 'GET', path }, groups);
  const found = all.find(
    ({ user_group_id, user_group_name }) => group === user_group_id || group === user_group_name,
  );
  if (found) return found.user_group_id;
  const names = all.map(({ user_group_name }) => visibleLine(user_group_name)).join(', ');
  throw new StartFault(`There is no group ${group}: ${names || 'the organization has none'}.`);
}

function describeAccess(one: Access): string {
  return formatFields({
    Access: `${visibleLine(one.access_name)} (${one.access_id})`,
    'Service user': userOf(one),
    'Owner group': one.owner_user_group_id,
    Rights: one.access_data.acls.map((entry) => visibleLine(describeAcl(entry))).join('\n'),
    Made: one.create_time,
    Credentials: one.credentials_state ?? 'never rotated',
  });
}

function userOf({ access_data: { project_name, service_name, username } }: Access): string {
  return visibleLine(`${project_name}/${service_name}/${username}`);
}
