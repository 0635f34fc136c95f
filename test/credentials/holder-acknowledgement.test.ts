import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { X509Certificate } from 'node:crypto';
import type { Response } from 'supertest';
import { holderOfServiceUser, serviceUserOfHolder } from '../../src/credentials/service-user.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { call, pair, renew, startTestGateway } from '../support/gateway.js';
import { startOn } from '../support/people.js';
import { certPair, clientCertOf, trustsThisMachine } from '../support/proxy.js';
import { eventsOf } from '../support/record.js';
import { addHolder, asHolder, pairOf } from '../support/service-user-holder.js';
import { openService, renewUser, servicePath, sha256Of } from '../support/services.js';

function isoEndOf(certPem: string): string {
  return new Date(new X509Certificate(certPem).validTo).toISOString().replace('.000Z', 'Z');
}

const reasonOf = ({ status, body }: Response) => [status, (body as { reason?: string }).reason];
const app = { project: 'p1', service: 'kafka-1', username: 'a/b@c' };

describeOnEachDatabase('a service user with its own certificate', (fresh) => {
  it('SU-A1, SU-A2, SU-A3: acknowledges by the new one, and the old one still identifies it', async () => {
    const gateway = await startOn(await fresh());
    const house = await openService(gateway);
    const { me, acknowledge } = asHolder(gateway);
    const old = await addHolder(house, 'a/b@c');
    const idle = { acknowledged: false, not_valid_after_time: isoEndOf(old.certPem) };
    expect((await acknowledge(old).expect(200)).body).toEqual({ ...app, ...idle });
    expect((await me(old).expect(200)).body).toMatchObject({ next: 'none', pending_renewal: null });

    gateway.clock.advance(1);
    await renewUser(gateway, 'a/b@c');
    const current = await pairOf(house, 'a/b@c');
    expect(current.certPem).not.toBe(old.certPem);
    const [oldEnd, newEnd] = [isoEndOf(old.certPem), isoEndOf(current.certPem)];
    const renewal = { old_not_valid_after_time: oldEnd, new_not_valid_after_time: newEnd };
    expect((await me(current).expect(200)).body).toEqual({
      ...app,
      is_current: true,
      not_valid_after_time: newEnd,
      pending_renewal: { ...renewal, renewed_time: expect.stringMatching(/^20.*Z$/) },
      next: 'acknowledge',
      message: expect.stringContaining('/v1/service-users/acknowledgements'),
    });
    const byOld = await acknowledge(old);
    expect(reasonOf(byOld)).toEqual([409, 'state-conflict']);
    expect(byOld.body.detail).toContain('Present the new one');
    expect(await eventsOf(gateway, 'service-user.acknowledged')).toEqual([]);

    const first = await acknowledge(current).send({}).expect(200);
    expect(first.body).toEqual({ ...app, acknowledged: true, not_valid_after_time: newEnd });
    expect((await acknowledge(current).expect(200)).body.acknowledged).toBe(false);
    expect((await acknowledge(old).expect(200)).body.acknowledged).toBe(false);
    expect(await eventsOf(gateway, 'service-user.acknowledged')).toMatchObject([
      { actor: 'holder:p1/kafka-1/a/b@c', certificate: sha256Of(current.certPem), project: 'p1' },
    ]);
    expect((await me(old).expect(200)).body).toMatchObject({ is_current: false, next: 'ask' });
    expect((await me(current).expect(200)).body).toMatchObject({ is_current: true, next: 'none' });
    const { body } = await house.asRoot('get', '/v1/project/p1/events').expect(200);
    expect(body.events[0]).toMatchObject({ actor: 'holder:p1/kafka-1/a/b@c' });
  });
});

describe('the routes of service users on the gateway listener', () => {
  it('serve service users alone, and those that are valid now', async () => {
    const gateway = await startTestGateway();
    const house = await openService(gateway);
    const holder = await addHolder(house, 'app');
    const gone = await addHolder(house, 'gone');
    await house.asRoot('delete', `${servicePath}/user/gone`).expect(200);
    const application = await pair(gateway);
    const routes = Object.values(asHolder(gateway)) as ReturnType<typeof asHolder>['me'][];
    for (const route of routes) {
      expect(reasonOf(await route())).toEqual([401, 'certificate-required']);
      expect(reasonOf(await route(application))).toEqual([403, 'certificate-wrong-kind']);
      const revoked = await route(gone);
      expect(reasonOf(revoked)).toEqual([403, 'certificate-revoked']);
      expect(revoked.body.detail).toContain('everleaf user reset');
    }
    const ofApplications = [
      await call(gateway, 'get', '/v1/applications/management/info', holder),
      await call(gateway, 'post', '/v1/applications/certificates/revocations', holder),
      await renew(gateway, { ...application, ...holder }),
    ];
    for (const answer of ofApplications)
      expect(reasonOf(answer)).toEqual([403, 'certificate-wrong-kind']);
    const { me, acknowledge } = asHolder(gateway);
    for (const method of ['head', 'post', 'delete'] as const)
      expect((await call(gateway, method, '/v1/service-users/me', holder)).status).toBe(405);
    expect((await call(gateway, 'head', '/v1/service-users/credentials', holder)).status).toBe(405);
    for (const body of ['[]', '{', '"{}"', '{"a":1,"a":2}'])
      expect((await acknowledge(holder).send(body)).status).toBe(400);
    await me(holder).expect(200);
    gateway.clock.advance(821 * 86_400);
    for (const route of routes)
      expect(reasonOf(await route(holder))).toEqual([403, 'certificate-expired']);
  });

  it('take the certificate that a trusted proxy forwards', async () => {
    const gateway = await startTestGateway(trustsThisMachine);
    const house = await openService(gateway);
    const old = await addHolder(house, 'app');
    await renewUser(gateway, 'app');
    const current = await pairOf(house, 'app');
    const { me, acknowledge } = asHolder(gateway);
    const byOld = await me().set('X-Forwarded-Client-Cert', certPair(old)).expect(200);
    expect(byOld.body).toMatchObject({ username: 'app', is_current: false });
    const hash = `Hash=${sha256Of(current.certPem)}`;
    expect((await me().set('X-Forwarded-Client-Cert', hash).expect(200)).body.is_current).toBe(
      true,
    );
    expect((await acknowledge().set('Client-Cert', clientCertOf(old))).status).toBe(409);
    const done = await acknowledge().set('Client-Cert', clientCertOf(current)).expect(200);
    expect(done.body.acknowledged).toBe(true);
    expect(reasonOf(await me(current))).toEqual([401, 'certificate-required']);
  });

  it('find a user again by what stands on its certificates, whatever its name', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);
    fc.assert(
      fc.property(name, name, fc.string({ minLength: 1 }), (project, service, username) => {
        const user = { project, service, username };
        const holder = holderOfServiceUser(user);
        expect(serviceUserOfHolder({ kind: 'service-user', holder })).toEqual(user);
        expect(serviceUserOfHolder({ kind: 'application', holder })).toBeUndefined();
      }),
    );
  });
});
