import { z } from 'zod';
import { judgeUsername } from '../credentials/service-names.js';
import { Failure } from '../failure.js';
import { readJsonObject } from '../http/json-object.js';
import { judgeDisplayName } from '../people/display-name.js';
import type { NewAccess } from './change-accesses.js';
import { oldCertificateFates } from './rotation-policy.js';
import type { OldCertificateFate } from './rotation-policy.js';

const text = z.string({ error: 'has to be a string' });
const saying = text
  .regex(
    /^(?:[\t\n\r]|[^\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069])*$/u,
    'has a character that steers a screen: of those only tabs and line breaks may stand in it',
  )
  .transform((words) => words.trim())
  .refine((words) => Array.from(words).length <= 1000, 'has at most 1000 characters');
const said = saying.refine((words) => words !== '', 'has to say something');

/** The literal name of a topic. */
export const topicForm = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/;

const aclEntry = z.object({
  resource_name: text.regex(
    topicForm,
    'has to be the literal name of a topic: 1 to 249 letters, digits and . _ -',
  ),
  resource_type: z.literal('Topic', { error: 'has to be Topic' }),
  operation: z.enum(['Read', 'Write'], { error: 'has to be Read or Write' }),
  permission_type: z.literal('ALLOW', { error: 'has to be ALLOW' }),
  host: text.regex(/^(\*|[0-9A-Fa-f.:]{2,45}|)$/, 'has to be * or an IP address').nullish(),
});

/** The body that creates an access. */
export const newAccess = z.object({
  access_name: text,
  access_type: z.literal('KAFKA', { error: 'has to be KAFKA' }),
  owner_user_group_id: text.nullish(),
  access_data: z.object(
    {
      project_name: text,
      service_name: text,
      username: text.nullish(),
      acls: z
        .array(aclEntry, { error: 'has to be an array' })
        .min(1, 'has to name a topic')
        .max(500, 'has at most 500 entries'),
    },
    { error: 'has to be an object' },
  ),
});

/** The body that asks for new credentials. */
export const newRotation = z.object({
  message: said,
  revoke_old: z
    .enum(oldCertificateFates, { error: `has to be one of ${oldCertificateFates.join(', ')}` })
    .nullish(),
});

const asShown = 'has to be the one that the request is shown with: read the request first';

/** The body that approves a request. */
export const approval = z.object({
  digest: z.string({ error: asShown }).regex(/^[0-9a-f]{64}$/, asShown),
  message: saying.nullish(),
});

/** The body that declines a request. */
export const declination = z.object({ reason: said });

/** `{access_name, access_type, owner_user_group_id, access_data}` */
export function readNewAccess(
  body: Uint8Array,
): Omit<NewAccess, 'organizationId' | 'userId' | 'actor' | 'requestId'> {
  const { access_name, owner_user_group_id, access_data } = readJsonObject(body, newAccess);
  judgeDisplayName(access_name, 'access_name');
  if (owner_user_group_id === undefined || owner_user_group_id === null) {
    throw new Failure(
      'field-invalid',
      'owner_user_group_id has to name the group that owns the access: organizations have no default one.',
    );
  }
  const { project_name: project, service_name: service, username, acls } = access_data;
  refuseTwice(acls.map((acl) => `${acl.operation} ${acl.resource_name} ${hostOf(acl.host)}`));
  return {
    name: access_name,
    ownerGroupId: owner_user_group_id,
    project: plain(project, 'access_data.project_name'),
    service: plain(service, 'access_data.service_name'),
    username: judgeOwnedName(username),
    acls: acls.map(({ resource_name: resourceName, operation, host }) => ({
      resourceName,
      operation,
      host: hostOf(host),
    })),
  };
}

/** `{message, revoke_old?}` */
export function readNewRotation(body: Uint8Array): {
  message: string;
  revokeOld: OldCertificateFate;
} {
  const { message, revoke_old } = readJsonObject(body, newRotation);
  return { message, revokeOld: revoke_old ?? 'keep' };
}

/** `{digest, message?}` */
export function readApproval(body: Uint8Array): { digest: string; message: string | null } {
  const { digest, message } = readJsonObject(body, approval);
  return { digest, message: message === undefined || message === '' ? null : message };
}

/** `{reason}` */
export function readDeclination(body: Uint8Array): { reason: string } {
  return readJsonObject(body, declination);
}

/** Clients in Go send an empty text for what is not given. */
function hostOf(host: string | null | undefined): string {
  return host === undefined || host === null || host === '' ? '*' : host;
}

function judgeOwnedName(username: string | null | undefined): string | undefined {
  if (username === undefined || username === null || username === '') return undefined;
  if (username !== '*') return judgeUsername(username);
  throw new Failure(
    'field-invalid',
    'access_data.username must not be *: Kafka takes User:* for everybody.',
  );
}

function refuseTwice(entries: readonly string[]): void {
  const twice = entries.find((entry, index) => entries.indexOf(entry) !== index);
  if (twice !== undefined)
    throw new Failure('field-invalid', `access_data.acls has the same entry twice: ${twice}.`);
}

/** PostgreSQL takes no NUL in a text, and no name has one. */
function plain(name: string, field: string): string {
  if (!name.includes('\0')) return name;
  throw new Failure('field-invalid', `${field} has a character that no name has.`);
}
