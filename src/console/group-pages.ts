import type { Request, Response } from 'express';
import { Failure } from '../failure.js';
import type { GroupStore } from '../people/group-store.js';
import { groupIn, organizationIn } from '../people/organization-access.js';
import type { OrganizationStore } from '../people/organization-store.js';
import { consolePath } from './console-urls.js';
import type { Refused } from './form-answers.js';
import { formOf } from './own-form.js';
import { sendConsolePage } from './page.js';
import { saidIn } from './query.js';

/** What the pages read. */
export interface GroupPageStores {
  readonly organizations: Pick<OrganizationStore, 'find' | 'findMembership' | 'listMembers'>;
  readonly groups: Pick<GroupStore, 'list' | 'find' | 'listMembers'>;
}

type ShowGroups = (
  edges: GroupPageStores,
  request: Request,
  response: Response,
  refused?: Refused,
) => Promise<void>;

const sentences = {
  created: 'The group is made. Add its members.',
  changed: 'The members are changed.',
  deleted: 'The group is deleted.',
};

/** The members of an organisation, and its groups. */
export const showOrganization: ShowGroups = async (
  { organizations, groups },
  request,
  response,
  refused,
) => {
  const id = organizationIn(request);
  const organization = await organizations.find(id);
  if (!organization) throw new Failure('resource-unknown', 'Organization not found.');
  sendConsolePage(request, response, {
    view: 'organization',
    title: organization.name,
    trail: [{ text: 'People', href: '/people' }],
    said: saidIn(request, sentences),
    ...refused,
    data: {
      organization,
      members: await organizations.listMembers(id),
      groups: await groups.list(id),
      typed: refused
        ? { name: typed(request, 'name'), description: typed(request, 'description') }
        : { name: '', description: '' },
    },
  });
};

/** One group and who is in it, and who else could be. */
export const showGroup: ShowGroups = async (
  { organizations, groups },
  request,
  response,
  refused,
) => {
  const id = organizationIn(request);
  const [organization, group] = [
    await organizations.find(id),
    await groups.find(id, groupIn(request)),
  ];
  if (!organization || !group) throw new Failure('resource-unknown', 'Group not found.');
  const members = await groups.listMembers(group.id);
  const inside = new Set(members.map(({ userId }) => userId));
  const all = await organizations.listMembers(id);
  sendConsolePage(request, response, {
    view: 'group',
    title: group.name,
    trail: [
      { text: 'People', href: '/people' },
      { text: organization.name, href: organizationPath(request) },
    ],
    said: saidIn(request, sentences),
    ...refused,
    data: {
      group,
      path: groupPath(request, group.id),
      members,
      others: all.filter(({ userId }) => !inside.has(userId)),
    },
  });
};

/** A field of the form, without the blanks around it. */
export function typed(request: Request, name: string): string {
  return (formOf(request).get(name) ?? '').trim();
}

/** Where the page of the organisation is. */
export function organizationPath(request: Request): string {
  return consolePath`/people/organizations/${organizationIn(request)}`;
}

/** Where the page of one of its groups is. */
export function groupPath(request: Request, group: string): string {
  return `${organizationPath(request)}${consolePath`/groups/${group}`}`;
}
