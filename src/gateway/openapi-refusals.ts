import { aivenDialect } from '../credentials/failures.js';
import type { FailureKind } from '../failure.js';
import type { DescribedRoute } from '../http/described-route.js';

const always: readonly FailureKind[] = [
  'browser-request',
  'host-unknown',
  'https-required',
  'rate-limited',
  'unavailable',
  'internal',
];
const byToken: readonly FailureKind[] = ['user-token-missing', 'user-token-invalid'];
const byPath: readonly FailureKind[] = ['path-malformed'];
const byBody: readonly FailureKind[] = [
  'json-malformed',
  'field-duplicate',
  'field-invalid',
  'body-incomplete',
  'body-too-large',
  'encoding-unsupported',
];

/** How a route may refuse: status by status, with the reasons of each. */
export function refusalsOf(route: DescribedRoute): [status: number, kinds: FailureKind[]][] {
  const names = Array.from(route.call.matchAll(/:(\w+)/g), ([, name]) => name);
  const kinds = new Set([
    ...always,
    ...(route.isOpen ? [] : byToken),
    ...(names.length > 0 ? byPath : []),
    ...(names.includes('project') ? (['project-unknown'] as const) : []),
    ...(names.some((name) => name !== 'project') ? (['resource-unknown'] as const) : []),
    ...(route.permission === undefined || route.permission === 'project:read'
      ? []
      : (['right-missing'] as const)),
    ...(route.query && 'include_secrets' in route.query ? (['right-missing'] as const) : []),
    ...(route.headers ? (['field-invalid'] as const) : []),
    ...(route.body ? byBody : []),
    ...(route.refusals ?? []),
  ]);
  const byStatus = new Map<number, FailureKind[]>();
  for (const kind of kinds) {
    const status = aivenDialect.statuses[kind];
    byStatus.set(status, [...(byStatus.get(status) ?? []), kind]);
  }
  return [...byStatus].sort(([one], [other]) => one - other);
}
