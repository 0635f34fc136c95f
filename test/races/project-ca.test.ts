import { expect, it } from '@jest/globals';
import { commandLine } from '../support/command-line.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { callAsUser } from '../support/people.js';
import { eventsOf } from '../support/record.js';
import { atOnce, startReplicas } from '../support/replicas.js';
import { rotationPath } from '../support/ca-rotation.js';
import type { ShownRotation } from '../support/ca-rotation.js';
import { authoritiesOf, newKafka, openService, servicePath } from '../support/services.js';

const statusesOf = (answers: readonly { readonly status: number }[]) =>
  answers.map(({ status }) => status).sort();

describeOnEachDatabase("the roll-over of a project's CA on two replicas", (fresh) => {
  it('is begun once, told once, activated once and reported once of many at once', async () => {
    const replicas = await startReplicas((await fresh()).url);
    const [gateway] = replicas;
    const { asRoot, root } = await openService(gateway);
    gateway.clock.advance(3600);
    const step = (name: string) =>
      atOnce(replicas, 4, (one) =>
        callAsUser(one, root, 'post', rotationPath).send({ step: name }),
      );
    const report = (phase: number) =>
      atOnce(replicas, 4, (one) =>
        callAsUser(one, root, 'put', `${servicePath}/trust_update`).send({ phase }),
      );

    expect(statusesOf(await step('prepare'))).toEqual([200, 409, 409, 409]);
    expect(statusesOf(await report(1))).toEqual([200, 200, 200, 200]);
    const others = ['kafka-2', 'kafka-3', 'kafka-4'];
    const [activations] = await Promise.all([
      step('activate'),
      ...others.map((name) =>
        asRoot('post', '/v1/project/p1/service', { ...newKafka, service_name: name }).expect(200),
      ),
    ]);
    expect(statusesOf(activations)).toEqual([200, 409, 409, 409]);
    expect(statusesOf(await report(2))).toEqual([200, 200, 200, 200]);

    expect((await authoritiesOf(gateway, 'p1')).map(({ state }) => state)).toEqual([
      'retiring',
      'active',
    ]);
    const { body } = await asRoot('get', rotationPath).expect(200);
    const { services } = body.rotation as ShownRotation;
    expect(services.map((one) => one.trust_update)).toEqual([2, 1, 1, 1]);
    const outbox = await gateway.database.db.selectFrom('outbox').select('recipient').execute();
    expect(outbox).toEqual([{ recipient: 'root@example.com' }]);
    for (const action of ['authority.prepared', 'authority.activated'])
      expect(await eventsOf(gateway, action)).toHaveLength(1);
    expect(await eventsOf(gateway, 'service.trust-updated')).toHaveLength(2);
  });

  it('leaves no service with an update when it is given up meanwhile', async () => {
    const replicas = await startReplicas((await fresh()).url);
    const [gateway] = replicas;
    const { asRoot } = await openService(gateway);
    gateway.clock.advance(3600);
    for (let turn = 0; turn < 3; turn += 1) {
      const { id } = await commandLine<{ id: string }>(gateway, 'ca rotate prepare --project p1');
      const [, report] = await Promise.all([
        commandLine(gateway, `ca rotate retire ${id} --project p1`),
        asRoot('put', `${servicePath}/trust_update`, { phase: 1 }),
      ]);
      expect([200, 409]).toContain(report.status);
      const { body } = await asRoot('get', servicePath).expect(200);
      expect(body.service).toMatchObject({ trust_update: 0 });
    }
  });
});
