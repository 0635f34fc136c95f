import { mayOnGateway } from './viewer.js';
import type { Viewer } from './viewer.js';

export interface SidebarLink {
  readonly text: string;
  readonly href: string;
  readonly isCurrent: boolean;
}

/** The links above every page: what the viewer may see, and no more. */
export function navigationFor(
  viewer: Viewer,
  path: string,
): { readonly links: readonly SidebarLink[]; readonly tools: readonly SidebarLink[] } {
  const isOperator = mayOnGateway(viewer, 'read');
  const mayIssue = mayOnGateway(viewer, 'create-tokens');
  const link = (text: string, href: string): SidebarLink => ({
    text,
    href,
    isCurrent: href === '/' ? path === '/' : path === href || path.startsWith(`${href}/`),
  });
  return {
    links: [
      link('Overview', '/'),
      ...(isOperator || mayIssue ? [link('Applications', '/applications')] : []),
      link('Projects', '/projects'),
      ...(isOperator ? [link('Authorities', '/authorities')] : []),
    ],
    tools: [
      link('Apache Kafka governance operations', '/governance'),
      ...(isOperator || viewer.organizations.some(({ isAdmin }) => isAdmin)
        ? [link('People', '/people')]
        : []),
      link('Access tokens', '/tokens'),
      ...(isOperator ? [link('Audit log', '/audit'), link('Announcements', '/announcements')] : []),
    ],
  };
}
