import { afterEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { startTestGateway } from '../support/gateway.js';
import { makeNodeRequest } from '../support/node-requests.js';
import { startNginx } from '../support/nginx.js';
import type { Nginx } from '../support/nginx.js';
import {
  newKafka,
  openService,
  renewUser,
  servicePath,
  serviceUsersOf,
} from '../support/services.js';
import type { ServiceHouse, ShownUser } from '../support/services.js';
import { installed } from '../support/tools.js';

const running: Nginx[] = [];

afterEach(async () => {
  for (const nginx of running.splice(0)) await nginx.stop();
});

/** The service behind an nginx with a certificate of the route, which trusts the CA of the project. */
async function openServer({ asRoot }: ServiceHouse): Promise<Nginx> {
  await asRoot('put', servicePath, { user_config: { host: 'localhost' } }).expect(200);
  const { csr, keyPem } = makeNodeRequest(['DNS:localhost']);
  const { body } = await asRoot('post', `${servicePath}/certificates`, { csr }).expect(200);
  const { body: shown } = await asRoot('get', '/v1/project/p1/kms/ca').expect(200);
  const nginx = await startNginx({
    clientCa: shown.certificate,
    server: { cert: body.certificate, key: keyPem, ca: shown.certificate },
  });
  running.push(nginx);
  return nginx;
}

function visit(nginx: Nginx, { access_cert, access_key }: ShownUser) {
  return request(nginx.url).get('/').ca(nginx.ca).cert(access_cert).key(access_key);
}

const here = installed('nginx').length === 1 ? describe : describe.skip;

here('a service behind nginx with a server certificate and the CA of its project', () => {
  it('SU-R5, SU-A2: takes the old and the new certificate of a user, also once acknowledged', async () => {
    const house = await openService(await startTestGateway());
    const nginx = await openServer(house);
    const old = await house.user('avnadmin');
    await renewUser(house.gateway, 'avnadmin');
    const renewed = await house.user('avnadmin');
    expect(renewed.access_cert).not.toBe(old.access_cert);
    const bothGetIn = async () => {
      for (const pair of [old, renewed])
        expect((await visit(nginx, pair).expect(200)).text).toBe(
          'SUCCESS CN=avnadmin,OU=kafka-1,O=p1',
        );
    };
    await bothGetIn();
    const operation = { operation: 'acknowledge-renewal' };
    await house.asRoot('put', `${servicePath}/user/avnadmin`, operation).expect(200);
    await bothGetIn();
  });

  it('SU-R5: refuses the old one after its end, and takes the new one', async () => {
    const house = await openService(await startTestGateway());
    const nginx = await openServer(house);
    const { gateway } = house;
    const longAgo = gateway.clock.now() - 821 * 86_400;
    const clock = { ...gateway.clock, now: () => longAgo };
    const past = await serviceUsersOf({ ...gateway, clock });
    const service = await past.services.find({ project: 'p1', name: 'kafka-1' });
    if (!service) throw new Error('there is no service');
    await past.createUser({
      service,
      username: 'app',
      type: 'normal',
      accessControl: {},
      authentication: null,
      validitySeconds: 820 * 86_400,
      actor: 'user:root@example.com',
    });
    const old = await house.user('app');
    await renewUser(gateway, 'app');
    const refused = await visit(nginx, old).expect(400);
    expect(refused.text).toContain('SSL certificate error');
    await visit(nginx, await house.user('app')).expect(200);
  });

  it('SU-C1: refuses the user of another project, and whoever presents nothing', async () => {
    const house = await openService(await startTestGateway());
    const nginx = await openServer(house);
    await house.asRoot('post', '/v1/project', { project: 'p2' }).expect(200);
    const { body } = await house.asRoot('post', '/v1/project/p2/service', newKafka).expect(200);
    const [stranger] = body.service.users as ShownUser[];
    if (!stranger) throw new Error('the service has no user');
    expect((await visit(nginx, stranger).expect(400)).text).toContain('SSL certificate error');
    const anonymous = await request(nginx.url).get('/').ca(nginx.ca).expect(400);
    expect(anonymous.text).toContain('No required SSL certificate');
  });
});
