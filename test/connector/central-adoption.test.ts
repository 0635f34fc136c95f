import { describe, expect, it } from '@jest/globals';
import { centralApp, centralRuntime, renewClient } from '../support/central.js';
import { issueElsewhere } from '../support/foreign-certificate.js';
import { call } from '../support/gateway.js';
import { recordedCertificates } from '../support/record.js';
import { adopting, info, takeOver } from '../support/take-over.js';

const subject = (names: string): string => `/C=DE/ST=Waldorf/L=Waldorf/${names}`;
const settings = { ...adopting, EVERLEAF_MODE: 'central' };

describe('a certificate from elsewhere in central mode', () => {
  it('CS-1.6, CS-6: is an application’s of the tenant and group in its subject', async () => {
    const { gateway, authority } = await takeOver(settings);
    const holder = issueElsewhere(authority, { subject: subject('O=tenant/OU=group/CN=app') });
    const { body } = await info(gateway, holder).expect(200);
    expect(body.clientIdentity).toEqual({ application: 'app', group: 'group', tenant: 'tenant' });
    await renewClient(gateway, centralApp(), holder).expect(201);
    const holders = (await recordedCertificates(gateway)).map((one) => one.holder);
    expect(holders).toEqual(['tenant/group/app', 'tenant/group/app']);
  });

  it('CS-1.5, CS-6: is a runtime’s where its CN says so', async () => {
    const { gateway, authority } = await takeOver(settings);
    const names = subject('O=tenant/OU=group/CN=*Runtime*');
    const holder = issueElsewhere(authority, { subject: names });
    expect((await info(gateway, holder).expect(403)).body.reason).toBe('certificate-wrong-kind');
    const path = '/v1/runtimes/management/info';
    const { body } = await call(gateway, 'get', path, holder).expect(200);
    expect(body.clientIdentity).toEqual({ group: 'group', tenant: 'tenant' });
    await renewClient(gateway, centralRuntime(), holder).expect(201);
  });

  it('CS-0: is refused where no token could be made for its names', async () => {
    const { gateway, authority } = await takeOver(settings);
    const holder = issueElsewhere(authority, { subject: subject('O=a:b/OU=group/CN=app') });
    const { body } = await info(gateway, holder).expect(403);
    expect(body.reason).toBe('certificate-not-on-record');
    expect(await recordedCertificates(gateway)).toEqual([]);
  });
});
