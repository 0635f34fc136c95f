import type { ProjectRole } from '../storage/schema.js';

/** What a member may do in a project. */
export type ProjectRight =
  | 'project:read'
  | 'project:write'
  | 'members:write'
  | 'services:write'
  | 'service:users:write'
  | 'service:secrets:read';

/** The roles of a member, from the most to the least. */
export const projectRoles = [
  'admin',
  'operator',
  'developer',
  'read_only',
] as const satisfies ProjectRole[];

const rights: Readonly<Record<ProjectRole, readonly ProjectRight[]>> = {
  admin: [
    'project:read',
    'project:write',
    'members:write',
    'services:write',
    'service:users:write',
    'service:secrets:read',
  ],
  operator: ['project:read', 'services:write', 'service:users:write', 'service:secrets:read'],
  developer: ['project:read', 'service:secrets:read'],
  read_only: ['project:read'],
};

/** Whether a member of that role has the right. */
export function roleHas(role: ProjectRole, right: ProjectRight): boolean {
  return rights[role].includes(right);
}
