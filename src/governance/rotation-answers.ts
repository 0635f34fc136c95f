import { isoTime } from '../iso-time.js';
import type { RevealedCredentials } from './reveal-credentials.js';
import type { ListedRotation } from './rotation-list-store.js';
import type { RotationRights } from './rotation-rights.js';
import type { RotationView } from './rotation-view.js';
import type { Rotation } from './rotation.js';

/** A request on the wire. */
export function describeRotation(rotation: Rotation): object {
  const { credentials } = rotation;
  return {
    rotation_id: rotation.id,
    access_id: rotation.accessId,
    type: 'rotate-credentials',
    state: rotation.state,
    requester_user_id: rotation.requesterId,
    message: rotation.message,
    revoke_old: rotation.revokeOld,
    create_time: isoTime(rotation.createdAt),
    lapse_time: isoTime(rotation.lapsesAt),
    decided_by_user_id: rotation.decidedBy,
    decide_time: timeOrNull(rotation.decidedAt),
    decision: rotation.decision,
    failure: rotation.failure,
    credentials_state: credentials?.state ?? null,
    credentials_lapse_time: timeOrNull(credentials?.lapseAt),
    certificate_sha256: credentials?.certificateSha256 ?? null,
    reveal_time: timeOrNull(credentials?.revealedAt),
    revoke_old_time: timeOrNull(credentials?.revokeOldAt),
  };
}

/** The same with all that an approver has to see. */
export function describeView(view: RotationView): object {
  const { ground, rotation, requester, decider, digest, may } = view;
  const { access, group, user } = ground;
  const { project, service, username } = access.user;
  return {
    ...describeRotation(rotation),
    requester_email: requester,
    decided_by_email: decider,
    access_name: access.name,
    project_name: project,
    service_name: service,
    username,
    acls: access.acls.map(({ resourceName, operation, host }) => ({
      resource_name: resourceName,
      operation,
      host,
    })),
    owner_user_group: {
      user_group_id: group.id,
      user_group_name: group.name,
      members: group.members.map(({ userId, email }) => ({ user_id: userId, user_email: email })),
    },
    present_certificate: user?.pair
      ? { sha256: user.pair.sha256, not_valid_after_time: isoTime(user.pair.notAfter) }
      : null,
    ...(digest === undefined ? {} : { digest }),
    may: describeRights(may),
  };
}

/** The same as lists show it: what an approval binds is shown with the request alone. */
export function describeListed(listed: ListedRotation): object {
  const { rotation, group, may } = listed;
  return {
    ...describeRotation(rotation),
    requester_email: listed.requester,
    decided_by_email: listed.decider,
    access_name: listed.accessName,
    project_name: listed.project,
    service_name: listed.service,
    username: listed.username,
    owner_user_group: { user_group_id: group.id, user_group_name: group.name },
    may: describeRights(may),
  };
}

/** What a reveal answers, this once. */
export function describeRevealed(revealed: RevealedCredentials): object {
  return {
    message: 'This is shown once: save it before anything else.',
    rotation: describeRotation(revealed.rotation),
    credentials: {
      username: revealed.username,
      password: revealed.password,
      access_cert: revealed.certificatePem,
      access_cert_not_valid_after_time: isoTime(revealed.notAfter),
      access_key: revealed.keyPem,
      ca_cert: revealed.caPem,
    },
    files: revealed.files.map(({ name, content }) => ({
      name,
      content: Buffer.from(content).toString('base64'),
    })),
  };
}

function describeRights({ decide, withdraw, reveal }: RotationRights): object {
  return { decide, delete: withdraw, reveal };
}

function timeOrNull(seconds: number | null | undefined): string | null {
  return seconds === null || seconds === undefined ? null : isoTime(seconds);
}
