import { expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { randomBytes } from 'node:crypto';
import { makeFindOrMakeUser } from '../../src/people/openid/find-or-make-user.js';
import { makeIdentityStore } from '../../src/people/openid/identity-store.js';
import { makeUserStore } from '../../src/people/user-store.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { startOn } from '../support/people.js';

const rounds = 20;
const atOnce = 14;

describeOnEachDatabase('first sign-ins of one person at once', (fresh) => {
  it('all find the one user that one of them makes', async () => {
    const { database, clock } = await startOn(await fresh());
    const findOrMakeUser = makeFindOrMakeUser({
      users: makeUserStore(database.db),
      identities: makeIdentityStore(),
      signUpDomains: ['example.com'],
      clock: clock.now,
      random: (length) => randomBytes(length),
    });
    for (let round = 0; round < rounds; round += 1) {
      const subject = `jo-${String(round)}`;
      const identity = {
        issuer: 'https://login.example.com',
        subject,
        email: `${subject}@example.com`,
        isEmailVerified: true,
        name: 'Jo Doe',
      };
      // Each begins a query or more after the one before: some find what was made between two of their own queries.
      const signIns = Array.from({ length: atOnce }, (_, index) =>
        database.transaction(async (trx) => {
          for (let query = 0; query < index; query += 1) await sql`select 1`.execute(trx);
          return findOrMakeUser(identity, trx);
        }),
      );
      const users = (await Promise.all(signIns)).map((found) =>
        'reason' in found ? found.reason : found.user.id,
      );
      expect(new Set(users).size).toBe(1);
      expect(users[0]).toEqual(expect.stringMatching(/^u/));
    }
  });
});
