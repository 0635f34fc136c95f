import { expect, it } from '@jest/globals';
import { describeOnEachDatabase } from '../support/databases.js';
import type { TestGateway } from '../support/gateway.js';
import { openGovernance, ordersAccess } from '../support/governance.js';
import { callAsUser } from '../support/people.js';
import { eventsOf } from '../support/record.js';
import { atOnce, startReplicas } from '../support/replicas.js';
import { makeKey, makeRequest } from '../support/requests.js';
import { newKafka, serviceUsersOf } from '../support/services.js';

const changed = [
  'service-user.reset',
  'service-user.renewed',
  'service-user.request-kept',
  'service.renewals-asked',
];

describeOnEachDatabase('an access made at once with other changes', (fresh) => {
  it.each(['certificates', 'passwords alone'])(
    'SU-G8: comes before or after each of them, in a service with %s',
    async (kind) => {
      const replicas = await startReplicas((await fresh()).url);
      const { root, group, organization } = await openGovernance(replicas[0]);
      const as = (gateway: TestGateway, method: 'post' | 'put', path: string, body: object = {}) =>
        callAsUser(gateway, root, method, path).send(body);
      const certificate = kind === 'certificates';
      const methods = { kafka_authentication_methods: { certificate } };
      const service = { ...newKafka, service_name: 'raced', user_config: methods };
      await as(replicas[0], 'post', '/v1/project/p1/service', service).expect(200);
      const { users } = await serviceUsersOf(replicas[0]);
      const before = ordersAccess(group);

      for (const username of ['a', 'b', 'c']) {
        const path = '/v1/project/p1/service/raced';
        await as(replicas[0], 'post', `${path}/user`, { username }).expect(200);
        const access_data = { ...before.access_data, service_name: 'raced', username };
        const csr = Buffer.from(
          makeRequest({ key: makeKey('prime256v1'), subject: [] }).pem,
        ).toString('base64');
        const answers = await atOnce(replicas, 12, (gateway, turn) => {
          if (turn === 5)
            return as(gateway, 'post', `/v1/organization/${organization}/governance/access`, {
              ...before,
              access_data,
            });
          const user = `${path}/user/${username}`;
          if (turn % 4 === 0) return as(gateway, 'put', `${user}/credentials/reset`);
          if (turn % 4 === 1) return as(gateway, 'put', `${user}/certificate-request`, { csr });
          if (turn % 4 === 2) return as(gateway, 'post', `${path}/renewals`, { again: true });
          return as(gateway, 'post', `${user}/renewals`, { again: true });
        });

        expect(answers[5]?.status).toBe(200);
        for (const { status } of answers) expect([200, 202, 409]).toContain(status);
        const user = await users.find({ project: 'p1', service: 'raced', username });
        const { access_id } = answers[5]?.body.access as { access_id: string };
        expect(user).toMatchObject({
          accessId: access_id,
          isWithheld: false,
          nextKey: undefined,
          renewalAskedAt: null,
        });
        const of = (detail: string) => detail.includes(`"username":"${username}"`);
        const events = await eventsOf(replicas[0], 'access.created', ...changed.slice(0, 3));
        const mine = events.filter(({ detail }) => of(detail)).map(({ action }) => action);
        expect(mine.at(-1)).toBe('access.created');
        const won = answers.filter(({ status }, turn) => turn % 4 === 0 && status === 200);
        expect(mine.filter((action) => action === 'service-user.reset')).toHaveLength(won.length);
      }
    },
  );
});
