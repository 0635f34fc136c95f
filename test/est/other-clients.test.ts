import { describe, expect, it } from '@jest/globals';
import {
  centralApp,
  centralRuntime,
  pairClient,
  startCentral,
  tokenFor,
} from '../support/central.js';
import { estPath, pkcs10, simpleEnroll } from '../support/est.js';
import { call, pair, startTestGateway } from '../support/gateway.js';
import { eventsOf, recordedCertificates, successorsOf } from '../support/record.js';
import { lapse, recoverToken } from '../support/recover.js';
import { makeKey } from '../support/requests.js';

const key = makeKey('prime256v1');

describe('EST', () => {
  it('CS-0: brings a lapsed line back by its token, once', async () => {
    const gateway = await startTestGateway({ EVERLEAF_CLIENT_VALIDITY: '1h' });
    const lapsed = await pair(gateway);
    lapse(gateway);
    const token = await recoverToken(gateway, 'app');
    await simpleEnroll(gateway, { token }, pkcs10({ key })).expect(200);
    await simpleEnroll(gateway, { token }, pkcs10({ key })).expect(401);
    expect(await successorsOf(gateway, lapsed.sha256)).toMatchObject([
      { holder: 'app', line: lapsed.sha256 },
    ]);
    expect(await eventsOf(gateway, 'certificate.recovered')).toHaveLength(1);
  });

  it('CS-1.6: enrols an application of central mode under its tenant and group', async () => {
    const gateway = await startCentral();
    const token = await tokenFor(gateway, centralApp());
    await simpleEnroll(gateway, { token }, pkcs10({ key })).expect(400);
    const subject = '/C=DE/ST=Waldorf/L=Waldorf/O=tenant/OU=group/CN=app';
    await simpleEnroll(gateway, { token }, pkcs10({ key, subject })).expect(200);
    expect(await recordedCertificates(gateway)).toMatchObject([{ holder: 'tenant/group/app' }]);
  });

  it('CS-1.5: serves no runtime, neither by token nor by certificate', async () => {
    const gateway = await startCentral();
    const token = await tokenFor(gateway, centralRuntime());
    for (const name of ['', '*Runtime*', 'tenant/group'])
      await simpleEnroll(gateway, { name, token }, pkcs10({ key })).expect(401);
    const holder = await pairClient(gateway, centralRuntime());
    const { status, text } = await call(gateway, 'post', `${estPath}/simplereenroll`, holder);
    expect({ status, text }).toEqual({
      status: 403,
      text: expect.stringMatching(/^A runtime certificate is not accepted here\./),
    });
    expect(await recordedCertificates(gateway, 'runtime')).toHaveLength(1);
  });
});
