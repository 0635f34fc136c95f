import type { Request } from 'express';
import { organizationIn } from '../people/organization-access.js';
import { consolePath } from './console-urls.js';
import type { Page } from './page.js';
import { viewerOf } from './viewer.js';

/** A request in a path. */
interface RotationPlace {
  readonly accessId: string;
  readonly id: string;
}

const lists = [
  { list: 'access', text: 'Access overview' },
  { list: 'approvals', text: 'Approvals' },
  { list: 'requests', text: 'Group requests' },
] as const;

export type GovernanceList = (typeof lists)[number]['list'];

/** Where a list of an organisation is. */
export function listPath(organizationId: string, list: GovernanceList): string {
  return `${consolePath`/governance/${organizationId}`}/${list}`;
}

/** Where somebody asks for new credentials of an access. */
export function askPath(organizationId: string, accessId: string): string {
  return consolePath`/governance/${organizationId}/access/${accessId}/request-rotation`;
}

/** Where a request is; mails lead there. */
export function rotationPath(organizationId: string, { accessId, id }: RotationPlace): string {
  return consolePath`/governance/${organizationId}/access/${accessId}/rotations/${id}`;
}

/** Where its requester reviews what it made. */
export function credentialsPath(organizationId: string, rotation: RotationPlace): string {
  return `${rotationPath(organizationId, rotation)}/credentials`;
}

/** What pages of governance have around them: `list` is the one that the page belongs to. */
export function frameOf(
  request: Request,
  list: GovernanceList,
  { isWithin = false }: { readonly isWithin?: boolean } = {},
): Required<Pick<Page, 'sidebar' | 'trail'>> {
  const organizationId = organizationIn(request);
  const { organizations } = viewerOf(request);
  const links = lists.map((one) => ({
    text: one.text,
    href: listPath(organizationId, one.list),
    isCurrent: one.list === list,
  }));
  const name = organizations.find(({ id }) => id === organizationId)?.name ?? organizationId;
  return {
    sidebar: { title: 'Streaming catalog', links },
    trail: [
      { text: name, href: '/governance' },
      ...(isWithin ? links.filter(({ isCurrent }) => isCurrent) : []),
    ],
  };
}
