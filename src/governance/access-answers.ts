import { isoTime } from '../iso-time.js';
import type { Access } from './access.js';
import type { LatestCredentials } from './latest-credentials.js';

/** An access on the wire; `latest` is what its last approved request made. */
export function describeAccess(access: Access, latest: LatestCredentials | undefined): object {
  const { project, service, username } = access.user;
  return {
    access_id: access.id,
    access_name: access.name,
    access_type: 'KAFKA',
    owner_user_group_id: access.ownerGroupId,
    access_data: {
      project_name: project,
      service_name: service,
      username,
      acls: access.acls.map(({ id, resourceName, operation, host }) => ({
        id,
        resource_name: resourceName,
        resource_type: 'Topic',
        pattern_type: 'LITERAL',
        principal: `User:${username}`,
        operation,
        permission_type: 'ALLOW',
        host,
      })),
    },
    create_time: isoTime(access.createdAt),
    created_by: access.createdBy,
    credentials_user_id: latest?.requesterId ?? '',
    credentials_consumed: latest?.state === 'revealed',
    credentials_state: latest?.state ?? null,
  };
}
