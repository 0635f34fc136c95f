import { expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { openDatabase } from '../../src/storage/database.js';
import { isUniqueViolation } from '../../src/storage/database-errors.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { certificateRow } from './certificate-row.js';

const tables = [
  'access_tokens',
  'access_topics',
  'accesses',
  'audit_events',
  'authorities',
  'certificates',
  'denied_certificates',
  'enrolment_tokens',
  'group_members',
  'leases',
  'openid_used',
  'organization_members',
  'organizations',
  'outbox',
  'project_invitations',
  'project_members',
  'projects',
  'public_keys',
  'revocation_lists',
  'rotation_requests',
  'service_users',
  'services',
  'sessions',
  'settings',
  'sign_in_addresses',
  'signed_revocation_lists',
  'user_groups',
  'user_tokens',
  'users',
  'webhooks',
];

describeOnEachDatabase('migrations', (fresh) => {
  it('make every table in an empty database', async () => {
    const database = await openDatabase((await fresh({ hasTables: false })).url);

    const made = await database.db.introspection.getTables();

    expect(made.map((table) => table.name).sort()).toEqual(tables);
    await database.close();
  });

  it('leave a database that is up to date as it is', async () => {
    const { url } = await fresh({ hasTables: false });
    const first = await openDatabase(url);
    await first.db.insertInto('settings').values({ name: 'a', value: '1' }).execute();
    await first.close();

    const second = await openDatabase(url);

    expect(await second.db.selectFrom('settings').selectAll().execute()).toHaveLength(1);
    await second.close();
  });

  it('succeed for everyone who starts on an empty database at once', async () => {
    const { url } = await fresh({ hasTables: false });

    const opened = await Promise.all(Array.from({ length: 4 }, () => openDatabase(url)));

    for (const database of opened) {
      await expect(database.ping()).resolves.toBeUndefined();
      await database.close();
    }
  });

  it('leave a database alone that a newer release has changed, and serve it', async () => {
    const { url } = await fresh({ hasTables: false });
    const newer = await openDatabase(url);
    await sql`insert into kysely_migration (name, timestamp) values ('9999-later', '2999-01-01T00:00:00Z')`.execute(
      newer.db,
    );
    await newer.close();

    const older = await openDatabase(url);

    expect(await older.db.selectFrom('settings').selectAll().execute()).toEqual([]);
    await older.close();
  });
});

describeOnEachDatabase('unique indexes', (fresh) => {
  it.each([
    ['the same fingerprint', { sha256: 'a' }],
    ['the same serial of one authority', { sha256: 'b', serial: '02' }],
    ['the same replay key', { sha256: 'b', replay_key: 'k' }],
  ])('refuse a certificate with %s', async (_, same) => {
    const database = await openDatabase((await fresh({ hasTables: false })).url);
    const { db } = database;
    const first = certificateRow({ sha256: 'a', serial: '02', replay_key: 'k' });
    await db.insertInto('certificates').values(first).execute();

    const error: unknown = await db
      .insertInto('certificates')
      .values(certificateRow(same))
      .execute()
      .catch((thrown: unknown) => thrown);

    expect(isUniqueViolation(error)).toBe(true);
    await database.close();
  });

  it('let adopted certificates share a serial, and rows have no replay key', async () => {
    const database = await openDatabase((await fresh({ hasTables: false })).url);

    await database.db
      .insertInto('certificates')
      .values([
        certificateRow({ sha256: 'a', serial: '02', origin: 'adopted' }),
        certificateRow({ sha256: 'b', serial: '02', origin: 'adopted' }),
        certificateRow({ sha256: 'c', serial: '02', origin: 'issued' }),
      ])
      .execute();

    const rows = await database.db.selectFrom('certificates').select('replay_key').execute();
    expect(rows.map((row) => row.replay_key)).toEqual([null, null, null]);
    await database.close();
  });

  it('let one authority a purpose be active beside any number of others', async () => {
    const database = await openDatabase((await fresh({ hasTables: false })).url);
    const authority = (id: string, state: 'active' | 'retiring') => ({
      ...{ id, state, purpose: 'clients', certificate: '', chain: '', sealed_key: null },
      created_at: 1,
    });
    const add = (id: string, state: 'active' | 'retiring') =>
      database.db.insertInto('authorities').values(authority(id, state)).execute();

    await add('a', 'active');
    await add('b', 'retiring');
    await add('c', 'retiring');
    const second: unknown = await add('d', 'active').catch((thrown: unknown) => thrown);

    expect(isUniqueViolation(second)).toBe(true);
    await database.close();
  });

  it('give a revocation list to a known authority only', async () => {
    const database = await openDatabase((await fresh({ hasTables: false })).url);

    const orphan = database.db
      .insertInto('revocation_lists')
      .values({ authority_id: 'nobody', number: 1, this_update: 1, next_update: 2, der: '' })
      .execute();

    await expect(orphan).rejects.toMatchObject({
      code: database.kind === 'sqlite' ? 'SQLITE_CONSTRAINT_FOREIGNKEY' : '23503',
    });
    await database.close();
  });
});
