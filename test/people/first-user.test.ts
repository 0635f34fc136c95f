import { expect, it } from '@jest/globals';
import { startTestGateway } from '../support/gateway.js';
import { firstPassword, signIn } from './person.js';
import { eventsOf } from '../support/record.js';

it('the first user has the address and the organisation of the settings, once', async () => {
  const gateway = await startTestGateway({
    EVERLEAF_ADMIN_EMAIL: 'Ops@Example.com',
    EVERLEAF_SUBJECT_O: 'Example',
  });
  const again = await gateway.restart({
    EVERLEAF_ADMIN_EMAIL: 'other@example.com',
    EVERLEAF_SUBJECT_O: 'Other',
  });
  const { db } = again.database;
  expect(await db.selectFrom('users').select(['email', 'real_name']).execute()).toEqual([
    { email: 'ops@example.com', real_name: 'Administrator' },
  ]);
  expect(await db.selectFrom('organizations').select(['id', 'name']).execute()).toEqual([
    { id: expect.stringMatching(/^org[0-9a-f]{11}$/), name: 'Example' },
  ]);
  expect(firstPassword(again)).toMatch(/^[\w-]{24}$/);
  expect(await eventsOf(again, 'user.added')).toEqual([
    expect.objectContaining({ actor: 'gateway', holder: 'ops@example.com' }),
  ]);
  await signIn(again, { email: 'ops@example.com', password: firstPassword(gateway) }).expect(200);
});
