import type { Request, RequestHandler } from 'express';
import { hasProjectRight, requireProjectRight } from '../credentials/project-access.js';
import type { ServiceAccess } from '../credentials/service-access.js';
import type { Service } from '../credentials/service.js';
import type { UserListStore } from '../credentials/user-list-store.js';
import type { ProjectRight } from '../people/project-rights.js';
import { consolePath } from './console-urls.js';
import { readSessionForm } from './own-form.js';
import type { Page } from './page.js';

/** What every page of a service needs. */
export interface ServicePageEdges extends Pick<ServiceAccess, 'services' | 'users' | 'findRole'> {
  readonly userLists: Pick<UserListStore, 'findExpiring'>;
  readonly adminUrl: string;
  /** Ends with requireViewer. */
  readonly guards: readonly RequestHandler[];
}

/** The banner names as many, and counts the rest. */
const mostNamed = 5;

/** A page of a service: its sidebar, and the banner while certificates of its users are expiring. */
export async function pageOfService(
  { userLists }: Pick<ServicePageEdges, 'userLists'>,
  request: Request,
  { service, place, ...page }: Page & { readonly service: Service; readonly place: ServicePlace },
): Promise<Page> {
  const { project, name } = service;
  const paths = servicePaths(service);
  return {
    ...page,
    trail: [
      { text: 'Projects', href: '/projects' },
      { text: project, href: consolePath`/projects/${project}` },
      { text: name, href: paths.overview },
      ...(page.trail ?? []),
    ],
    sidebar: {
      title: name,
      links: [
        { text: 'Overview', href: paths.overview, isCurrent: place === 'overview' },
        { text: 'Users', href: paths.users, isCurrent: place === 'users' },
      ],
    },
    data: {
      ...page.data,
      service,
      paths,
      expiring: await userLists.findExpiring({ project, service: name }, mostNamed),
      may: {
        readSecrets: hasProjectRight(request, 'service:secrets:read'),
        changeUsers: hasProjectRight(request, 'service:users:write'),
      },
    },
  };
}

type ServicePlace = 'overview' | 'users';

/** Where the pages of a service are. */
export function servicePaths({ project, name }: Pick<Service, 'project' | 'name'>): {
  readonly overview: string;
  readonly users: string;
  readonly ca: string;
} {
  const overview = consolePath`/projects/${project}/services/${name}`;
  return { overview, users: `${overview}/users`, ca: caPath(project) };
}

/** Where the CA certificates of a project are downloaded. */
export function caPath(project: string): string {
  return consolePath`/projects/${project}/ca.pem`;
}

/** The steps before a page that a member with this right may see. */
export function toSee(
  { guards, findRole }: Pick<ServicePageEdges, 'guards' | 'findRole'>,
  right: ProjectRight,
): RequestHandler[] {
  return [...guards, requireProjectRight(findRole, right)];
}

/** The steps before a form of such a page is done. */
export function toDo(edges: ServicePageEdges, right: ProjectRight): RequestHandler[] {
  return [...toSee(edges, right), ...readSessionForm(edges.adminUrl)];
}
