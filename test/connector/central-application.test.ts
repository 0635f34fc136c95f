import { describe, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import {
  centralApp,
  enrolClient,
  pairClient,
  renewClient,
  startCentral,
  tokenFor,
} from '../support/central.js';
import { call, createToken, pair, renew, startTestGateway } from '../support/gateway.js';
import { eventsOf, recordedCertificates } from '../support/record.js';
import { askInfo, managementPath, tokensOnRecord } from './shape.js';

describe('an application in central mode', () => {
  it('CS-1.6, CS-7: gets tenant and group in its info document and its certificate', async () => {
    const gateway = await startCentral({ EVERLEAF_SUBJECT_L: 'Ulm' });
    const client = centralApp({ tenant: 'acme', group: 'north' });
    const { body } = await askInfo(gateway, await tokenFor(gateway, client));
    expect(body.certificate.subject).toBe('O=acme,OU=north,L=Ulm,ST=Waldorf,C=DE,CN=app');
    expect(body.api.eventsUrl).toBe(`${gateway.urls.gateway}/app/v1/events`);
    const token = String(body.csrUrl).slice(-88);
    const subject = '/C=DE/ST=Waldorf/L=Ulm/O=acme/OU=north/CN=app';
    await enrolClient(gateway, client, { token, subject }).expect(201);
    const [recorded] = await recordedCertificates(gateway);
    expect(recorded).toMatchObject({ kind: 'application', holder: 'acme/north/app' });
    const { subject: issued } = new X509Certificate(Buffer.from(recorded?.der ?? '', 'base64'));
    expect(issued.split('\n')).toEqual([
      ...['C=DE', 'ST=Waldorf', 'L=Ulm', 'O=acme', 'OU=north', 'CN=app'],
    ]);
    const events = await eventsOf(
      gateway,
      'token.created',
      'token.exchanged',
      'certificate.enrolled',
    );
    expect(events.map(({ actor, holder }) => [actor.split(':')[0], holder])).toEqual([
      ['operator', 'acme/north/app'],
      ['application', 'acme/north/app'],
      ['application', 'acme/north/app'],
    ]);
    expect(events[2]?.actor).toBe('application:acme/north/app');
  });

  it.each([
    ['another tenant', centralApp({ tenant: 'other' }), 'CSR: Invalid organization provided.'],
    ['another group', centralApp({ group: 'other' }), 'CSR: Invalid organizational unit provided.'],
    ['the settings', centralApp({ tenant: 'Organization', group: 'OrgUnit' }), /organization/],
    [
      'a runtime',
      { ...centralApp(), application: '*Runtime*' },
      'CSR: Invalid common name provided.',
    ],
  ])('CS-1.6: cannot ask in the name of %s; the token stays good', async (_whose, other, error) => {
    const gateway = await startCentral();
    const client = centralApp();
    const token = await tokenFor(gateway, client);
    const answer = await enrolClient(gateway, other, { token });
    expect(answer.body).toMatchObject({ code: 400, reason: 'subject-mismatch' });
    expect(answer.body.error).toMatch(error);
    await enrolClient(gateway, client, { token }).expect(201);
  });

  it('CS-1.6: finds application, group and tenant in its management info, in this order', async () => {
    const gateway = await startCentral();
    const holder = await pairClient(gateway, centralApp());
    const { body } = await call(gateway, 'get', managementPath, holder).expect(200);
    expect(JSON.stringify(body.clientIdentity)).toBe(
      '{"application":"app","group":"group","tenant":"tenant"}',
    );
    expect(body.urls.eventsUrl).toBe(`${gateway.urls.gateway}/app/v1/events`);
    expect(body.certificate.subject).toBe('O=tenant,OU=group,L=Waldorf,ST=Waldorf,C=DE,CN=app');
  });

  it('CS-1.6: renews under its own subject alone', async () => {
    const gateway = await startCentral();
    const client = centralApp();
    const holder = await pairClient(gateway, client);
    await renewClient(gateway, client, holder).expect(201);
    const { body } = await renewClient(gateway, centralApp({ tenant: 'other' }), holder);
    expect(body).toMatchObject({ code: 400, error: 'CSR: Invalid organization provided.' });
    const [renewed] = await eventsOf(gateway, 'certificate.renewed');
    expect(renewed).toMatchObject({
      actor: 'application:tenant/group/app',
      holder: 'tenant/group/app',
    });
  });

  it('HI-K6: shares no key with the same application of another tenant', async () => {
    const gateway = await startCentral();
    const { key } = await pairClient(gateway, centralApp());
    const other = centralApp({ tenant: 'other' });
    const token = await tokenFor(gateway, other);
    const { body } = await enrolClient(gateway, other, { token, key }).expect(400);
    expect(body.reason).toBe('key-in-use');
    await enrolClient(gateway, centralApp(), {
      token: await tokenFor(gateway, centralApp()),
      key,
    }).expect(201);
  });
});

describe('a change of the mode', () => {
  it('CS-1.6: a certificate from standalone mode is renewed in central mode as it is', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    const changed = await gateway.restart({ EVERLEAF_MODE: 'central' });
    const { body } = await call(changed, 'get', managementPath, holder).expect(200);
    expect(body.clientIdentity).toEqual({ application: 'app' });
    await renew(changed, holder).expect(201);
    const holders = (await recordedCertificates(changed)).map((one) => one.holder);
    expect(holders).toEqual(['app', 'app']);
  });

  it('CS-1.6: and one from central mode in standalone mode', async () => {
    const gateway = await startCentral();
    const holder = await pairClient(gateway, centralApp());
    const changed = await gateway.restart({ EVERLEAF_MODE: 'standalone' });
    const { body } = await call(changed, 'get', managementPath, holder).expect(200);
    expect(body.clientIdentity).toEqual({ application: 'app', group: 'group', tenant: 'tenant' });
    await renewClient(changed, centralApp(), holder).expect(201);
  });

  it('CS-1.6: an open token keeps the names that it was made with', async () => {
    const gateway = await startTestGateway();
    const token = await createToken(gateway, 'app');
    const changed = await gateway.restart({ EVERLEAF_MODE: 'central' });
    const { body } = await askInfo(changed, token);
    expect(body.certificate.subject).toContain('O=Organization,OU=OrgUnit,');
    expect(await tokensOnRecord(changed)).toBe(2);
  });
});
