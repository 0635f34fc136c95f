import { expect, it } from '@jest/globals';
import { describeOnEachDatabase } from '../support/databases.js';
import {
  approvedRotation,
  askForRotation,
  openGovernance,
  ordersAccess,
} from '../support/governance.js';
import type { Governed } from '../support/governance.js';
import { rotationRow } from '../support/due-rotations.js';
import { addOrganization, addUser, callAsUser, expectRefusal, startOn } from '../support/people.js';
import type { TestUser } from '../support/people.js';

const digest = 'a'.repeat(64);

type Call = readonly ['get' | 'post' | 'delete', string, object?];

/** Every route that names an access or a request, with a body that it would take. */
function callsOn(access: string, path: string): readonly Call[] {
  const request = `/access/${access}/rotations${path}`;
  return [
    ['get', `/access/${access}`],
    ['delete', `/access/${access}`],
    ['post', `/access/${access}/rotations`, { message: 'let me' }],
    ['get', request],
    ['delete', request],
    ['post', `${request}/approve`, { digest }],
    ['post', `${request}/decline`, { reason: 'no' }],
    ['post', `${request}/reveal`],
  ];
}

async function expectNothingThere(
  { gateway }: Governed,
  as: {
    readonly user: TestUser;
    readonly organization: string;
    readonly calls: readonly Call[];
  },
): Promise<void> {
  for (const [method, path, body] of as.calls) {
    const below = `/v1/organization/${as.organization}/governance${path}`;
    expectRefusal(
      await callAsUser(gateway, as.user, method, below).send(body),
      404,
      'resource-unknown',
    );
  }
}

describeOnEachDatabase('the accesses of another organisation', (fresh) => {
  it('SU-G10: are not there for its members and admins, by whichever path', async () => {
    const governed = await openGovernance(await startOn(await fresh()));
    const { gateway, organization, access, root } = governed;
    const waiting = await approvedRotation(governed);
    const pending = await askForRotation(governed);
    const before = [await rotationRow(gateway, waiting), await rotationRow(gateway, pending)];
    const boss = await addUser(gateway, 'boss@example.net');
    const clerk = await addUser(gateway, 'clerk@example.net');
    const other = await addOrganization(gateway, { admins: [boss], members: [clerk] });

    for (const user of [boss, clerk])
      for (const path of [waiting, pending]) {
        // That of admins alone is refused to everybody else without a look at the access.
        const calls = callsOn(access, path).filter(
          ([method, route]) => user === boss || method !== 'delete' || route.includes(path),
        );
        await expectNothingThere(governed, { user, organization: other, calls });
      }
    for (const [method, path, body] of callsOn(access, waiting)) {
      const below = `/v1/organization/${organization}/governance${path}`;
      const answer = await callAsUser(gateway, boss, method, below).send(body);
      expect([403, 404]).toContain(answer.status);
      expect(answer.text).not.toMatch(/orders|ann@|PRIVATE KEY/);
    }

    expect([await rotationRow(gateway, waiting), await rotationRow(gateway, pending)]).toEqual(
      before,
    );
    await governed.as(root, 'get', `/access/${access}`).expect(200);
  });

  it('SU-G10: lend no request to another access of one group, and no group to another organisation', async () => {
    const governed = await openGovernance(await startOn(await fresh()));
    const { gateway, organization, group, root, ann } = governed;
    const path = await approvedRotation(governed);
    const second = ordersAccess(group);
    const { body } = await governed
      .as(root, 'post', '/access', {
        ...second,
        access_name: 'payments',
        access_data: { ...second.access_data, username: 'payments' },
      })
      .expect(200);
    const calls = callsOn(String(body.access.access_id), path);
    await expectNothingThere(governed, {
      user: ann,
      organization,
      calls: calls.filter(([, route]) => route.includes(path)),
    });

    const boss = await addUser(gateway, 'boss@example.net');
    const other = await addOrganization(gateway, { admins: [boss] });
    const foreign = `/v1/organization/${other}/governance/access`;
    const borrowed = { ...second, access_data: { ...second.access_data, username: 'borrowed' } };
    expectRefusal(
      await callAsUser(gateway, boss, 'post', foreign).send(borrowed),
      400,
      'field-invalid',
    );
    await governed.rotations(ann, 'post', `${path}/reveal`).expect(200);
  });
});
