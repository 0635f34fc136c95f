import { randomBytes } from 'node:crypto';
import { day } from './service-users.js';
import type { ServiceHouse } from './service-users.js';

/** Many users of `kafka-1` in `p1` whose certificates, which nobody reads, are due now. */
export async function addDueUsers(
  { gateway: { database, clock } }: Pick<ServiceHouse, 'gateway'>,
  count: number,
): Promise<void> {
  const { id: authority_id } = await database.db
    .selectFrom('authorities')
    .select('id')
    .where('purpose', '=', 'project:p1')
    .executeTakeFirstOrThrow();
  const now = clock.now();
  const not_after = now + 30 * day;
  const users = Array.from({ length: count }, (_, index) => {
    const sha256 = randomBytes(32).toString('hex');
    return { sha256, id: `su${sha256.slice(0, 16)}`, username: `u-${String(index)}` };
  });
  for (let at = 0; at < count; at += 500) {
    const some = users.slice(at, at + 500);
    await database.db
      .insertInto('certificates')
      .values(
        some.map(({ sha256, username }) => ({
          sha256,
          authority_id,
          serial: sha256.slice(0, 32),
          origin: 'issued' as const,
          kind: 'service-user',
          holder: `p1/kafka-1/${username}`,
          subject: '',
          spki_sha256: sha256,
          not_before: now,
          not_after,
          der: '',
          issued_at: now,
          predecessor: null,
          line: sha256,
          replay_key: null,
          replay_until: null,
          revoked_at: null,
          revocation_reason: null,
        })),
      )
      .execute();
    await database.db
      .insertInto('service_users')
      .values(
        some.map(({ sha256, id, username }) => ({
          id,
          project: 'p1',
          service: 'kafka-1',
          username,
          type: 'normal' as const,
          access_control: '{}',
          certificate_sha256: sha256,
          certificate: '',
          sealed_key: '',
          not_after,
          recipients: '[]',
          created_at: now,
        })),
      )
      .execute();
  }
}
