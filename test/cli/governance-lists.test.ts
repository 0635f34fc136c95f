import { expect, it } from '@jest/globals';
import { startTestGateway } from '../support/gateway.js';
import { askForRotation, openGovernance } from '../support/governance.js';
import { commandsOf } from './as-person.js';

it('everleaf rotation list and everleaf access list show what there is, each to those whom it concerns', async () => {
  const governed = await openGovernance(await startTestGateway());
  const { access, ann, ben, outsider, rotations } = governed;
  const { as } = commandsOf(governed);
  const first = (await askForRotation(governed)).slice(1);
  await rotations(ann, 'delete', `/${first}`).expect(200);
  governed.gateway.clock.advance(1);
  const second = (await askForRotation(governed, { message: 'a\rb' })).slice(1);

  const [ofAccess, ofGroups, limited, waiting, own, none, both] = await Promise.all([
    as(ben, 'rotation', 'list', access, '--json'),
    as(ben, 'rotation', 'list'),
    as(ben, 'rotation', 'list', '--limit', '1'),
    as(ben, 'rotation', 'list', '--waiting'),
    as(ann, 'rotation', 'list', '--waiting'),
    as(outsider, 'rotation', 'list'),
    as(ben, 'rotation', 'list', access, '--waiting'),
  ]);

  expect(JSON.parse(ofAccess.stdout)).toMatchObject({
    rotations: [{ rotation_id: second }, { rotation_id: first, state: 'deleted' }],
  });
  const head = 'ROTATION +ACCESS +STATE +CREDENTIALS +REQUESTER +ASKED +MESSAGE';
  const row = (id: string, state: string) =>
    `${id} +${access} \\(orders\\) +${state} +- +ann@example\\.com +\\S+Z +`;
  const pending = `${row(second, 'pending')}a b`;
  const deleted = `${row(first, 'deleted')}the laptop was stolen`;
  expect(ofGroups.stdout).toMatch(new RegExp(`^${head}\n${pending}\n${deleted}\n$`));
  expect(limited.stdout).toMatch(new RegExp(`^${head}\n${pending}\n\nThere are more: --limit 2 `));
  expect(waiting.stdout).toMatch(new RegExp(`^${head}\n${pending}\n$`));
  for (const { stdout } of [own, none]) expect(stdout).toMatch(/^ROTATION.*\n$/);
  expect(both).toMatchObject({ code: 2, stderr: expect.stringMatching(/name none/) });

  const [all, other, script] = await Promise.all([
    as(outsider, 'access', 'list', '--group', 'owners', '--topic', 'orders.v1'),
    as(outsider, 'access', 'list', '--topic', 'nothing'),
    as(outsider, 'access', 'kafka-acls', access),
  ]);
  expect(all.stdout).toMatch(
    new RegExp(`\n${access} +orders +p1/kafka-1/orders +${governed.group} +1 +-\n$`),
  );
  expect(other.stdout).toMatch(/^ACCESS.*\n$/);
  expect(script.stdout).toMatch(/^#!\/bin\/sh\n[^]*orders\.v1/);
});
