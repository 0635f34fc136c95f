import { expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describeOnEachDatabase } from '../support/databases.js';
import { pair, renew } from '../support/gateway.js';
import { startReplicasAtOnce } from '../support/replicas.js';

describeOnEachDatabase('two replicas that start at once on an empty database', (fresh) => {
  it("HI-R8: make one authority, one first access token, one first user, and serve each other's clients", async () => {
    for (let round = 0; round < 3; round += 1) {
      const replicas = await startReplicasAtOnce((await fresh({ hasTables: false })).url);

      const [one, other] = replicas;
      expect(one.caSha256).toBe(other.caSha256);
      const { db } = one.database;
      expect(await db.selectFrom('authorities').select('state').execute()).toEqual([
        { state: 'active' },
      ]);
      expect(await db.selectFrom('access_tokens').select('role').execute()).toEqual([
        { role: 'administrator' },
      ]);
      const first = replicas.filter(({ adminTokenFile }) => adminTokenFile !== undefined);
      expect(first).toHaveLength(1);
      expect(
        replicas.map(({ home }) => existsSync(join(home, 'admin.token'))).filter(Boolean),
      ).toHaveLength(1);
      expect(await db.selectFrom('users').select('email').execute()).toEqual([
        { email: 'admin@localhost' },
      ]);
      const members = db.selectFrom('organization_members').selectAll();
      const organizations = await db.selectFrom('organizations').selectAll().execute();
      expect(organizations).toEqual([expect.objectContaining({ name: 'Organization' })]);
      expect(await members.execute()).toEqual([
        expect.objectContaining({ organization_id: organizations[0]?.id, is_admin: 1 }),
      ]);
      const [password] = replicas.filter(
        ({ adminPasswordFile }) => adminPasswordFile !== undefined,
      );
      const files = replicas.filter(({ home }) => existsSync(join(home, 'admin.password')));
      expect(files).toEqual([password]);
      const [starter = one] = first;
      const holder = await pair(starter);
      await renew(starter === one ? other : one, holder).expect(201);
      for (const replica of replicas) await replica.stop();
    }
  });
});
