import type { Announcement, RotationAnnouncement } from '../../src/notifications/outbox.js';
import type { TestGateway } from './gateway.js';

/** What waits in the outbox, each entry as `kind project/service user,user -> channel recipient`, sorted. */
export async function announced({ database }: TestGateway): Promise<string[]> {
  const rows = await database.db.selectFrom('outbox').selectAll().execute();
  return rows
    .map(({ payload, channel, recipient }) => {
      const told = JSON.parse(payload) as Announcement | RotationAnnouncement;
      const { kind, project, service } = told;
      const users = 'users' in told ? told.users : [told.rotation];
      const names = users.map(({ username }) => username).join(',');
      return `${kind} ${project}/${service} ${names} -> ${channel} ${recipient}`;
    })
    .sort();
}

/** The same, which is then taken out, as if it had been delivered. */
export async function takeAnnounced(gateway: TestGateway): Promise<string[]> {
  const entries = await announced(gateway);
  await gateway.database.db.deleteFrom('outbox').execute();
  return entries;
}

/** Which users an entry names. */
export function namedIn(entry: string | undefined): string[] {
  return /^\S+ \S+ (\S+) /.exec(entry ?? '')?.[1]?.split(',') ?? [];
}

/** What waits in the outbox about rotations, each entry as `kind -> recipient`, sorted. */
export async function announcedRotations({ database }: TestGateway): Promise<string[]> {
  const rows = await database.db.selectFrom('outbox').selectAll().execute();
  return rows
    .map(({ payload, recipient }) => `${String(JSON.parse(payload).kind)} -> ${recipient}`)
    .sort();
}
