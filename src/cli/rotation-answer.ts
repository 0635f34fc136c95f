import { z } from 'zod';
import { formatFields, formatTable } from './output.js';
import { visibleLine, visibleText } from './visible-text.js';

const text = z.string();
const maybe = text.nullish();

const listed = z.looseObject({
  rotation_id: text,
  access_id: text,
  state: text,
  message: text,
  create_time: text,
  requester_user_id: text,
  credentials_state: maybe,
  credentials_lapse_time: maybe,
  decision: maybe,
  failure: maybe,
  requester_email: maybe,
  access_name: maybe,
});

/** A request as lists have it; `--json` shows all that the gateway sent. */
export type ListedRotation = z.output<typeof listed>;

/** The answer to every change of a request. */
export const oneRotation = z.looseObject({ rotation: listed });

/** A list of requests. */
export const someRotations = z.looseObject({ rotations: z.array(listed), next_cursor: maybe });

const shown = listed.extend({
  revoke_old: text,
  lapse_time: text,
  decide_time: maybe,
  requester_email: text,
  decided_by_email: maybe,
  access_name: text,
  project_name: text,
  service_name: text,
  username: text,
  acls: z.array(z.looseObject({ resource_name: text, operation: text, host: text })),
  owner_user_group: z.looseObject({
    user_group_id: text,
    user_group_name: text,
    members: z.array(z.looseObject({ user_email: text })),
  }),
  present_certificate: z.looseObject({ sha256: text, not_valid_after_time: text }).nullable(),
  digest: maybe,
});

/** One request with all that its approval binds. */
export const shownRotation = z.looseObject({ rotation: shown });
export type ShownRotation = z.output<typeof shown>;

const fates: Readonly<Record<string, string>> = {
  keep: 'work on to their own end',
  after_grace: 'are revoked some time after the reveal, as the gateway is set',
  at_once: 'are revoked at the reveal',
};

/** The whole of a request, in words. */
export function describeRotation(rotation: ShownRotation): string {
  const { owner_user_group: group, present_certificate: present, revoke_old: fate } = rotation;
  const members = group.members.map(({ user_email }) => user_email).join(', ');
  const fields = {
    Rotation: `${rotation.rotation_id}, ${standing(rotation)}`,
    Access: `${rotation.access_name} (${rotation.access_id})`,
    'Service user': `${rotation.project_name}/${rotation.service_name}/${rotation.username}`,
    Rights: rotation.acls.map(describeAcl).join('\n'),
    'Owner group': `${group.user_group_name} (${group.user_group_id}): ${members}`,
    Requester: rotation.requester_email,
    Message: rotation.message,
    'Old certificates': `${fate}: ${fates[fate] ?? 'see the manual of the gateway'}`,
    'Present one': present
      ? `SHA-256 ${present.sha256}, until ${present.not_valid_after_time}`
      : 'none',
    Asked: `${rotation.create_time}, lapses ${rotation.lapse_time}`,
    ...decisionOf(rotation),
  };
  const visible = Object.entries(fields).map(([name, value]) => [name, visibleText(value)]);
  return formatFields(Object.fromEntries(visible) as Record<string, string>);
}

/** What somebody may do with a topic, in words. */
export function describeAcl(acl: {
  readonly operation: string;
  readonly resource_name: string;
  readonly host: string;
}): string {
  return `${acl.operation} ${acl.resource_name}${acl.host === '*' ? '' : ` from ${acl.host}`}`;
}

function decisionOf(rotation: ShownRotation): Record<string, string> {
  const { decided_by_email: by, decide_time: at, decision, failure } = rotation;
  return {
    ...(by ? { Decided: `by ${by}${at ? `, ${at}` : ''}${decision ? `: ${decision}` : ''}` } : {}),
    ...(failure ? { Failure: failure } : {}),
  };
}

function standing({ state, credentials_state, credentials_lapse_time }: ListedRotation): string {
  if (!credentials_state) return state;
  const until = credentials_lapse_time ? ` until ${credentials_lapse_time}` : '';
  return `${state}, credentials ${credentials_state}${credentials_state === 'waiting' ? until : ''}`;
}

/** Several requests as a table. */
export function tableOfRotations(rotations: readonly ListedRotation[]): string {
  return formatTable(
    ['ROTATION', 'ACCESS', 'STATE', 'CREDENTIALS', 'REQUESTER', 'ASKED', 'MESSAGE'],
    rotations.map((one) => [
      one.rotation_id,
      one.access_name ? `${one.access_id} (${visibleLine(one.access_name)})` : one.access_id,
      one.state,
      one.credentials_state ?? '-',
      visibleLine(one.requester_email ?? one.requester_user_id),
      one.create_time,
      visibleLine(one.message, 40),
    ]),
  );
}
