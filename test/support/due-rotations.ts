import type { Insertable, Selectable } from 'kysely';
import type { Schema } from '../../src/storage/schema.js';
import type { TestGateway } from './gateway.js';
import type { Governed } from './governance.js';

type Row = Schema['rotation_requests'];

/** A request as the record has it; `path` as the support of governance gives it. */
export async function rotationRow(
  { database }: TestGateway,
  path: string,
): Promise<Selectable<Row> | undefined> {
  return database.db
    .selectFrom('rotation_requests')
    .selectAll()
    .where('id', '=', path.slice(1))
    .executeTakeFirst();
}

/** Requests of Ann on record, each of an access of its own, which begin with `name`. */
export async function addDueRotations(
  { gateway, organization, group, ann }: Governed,
  name: string,
  count: number,
  values: Pick<Insertable<Row>, 'state'> & Partial<Insertable<Row>>,
): Promise<void> {
  const now = gateway.clock.now();
  const ids = Array.from({ length: count }, (_, index) => `${name}${String(index)}`);
  await gateway.database.transaction(async (trx) => {
    for (const id of ids) {
      await trx
        .insertInto('accesses')
        .values({
          id,
          organization_id: organization,
          name: id,
          type: 'KAFKA',
          owner_group_id: group,
          service_user_id: id,
          project: 'p1',
          service: 'kafka-1',
          username: id,
          acls: '[]',
          created_by: ann.id,
          created_at: now,
        })
        .execute();
      await trx
        .insertInto('rotation_requests')
        .values({
          id,
          access_id: id,
          requester_id: ann.id,
          message: 'of a test',
          revoke_old: 'keep',
          created_at: now,
          lapses_at: now + 1,
          ...values,
        })
        .execute();
    }
  });
}
