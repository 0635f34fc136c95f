import { describe, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { pathsOf } from '../../src/connector/paths.js';
import {
  askToken,
  centralRuntime,
  enrolClient,
  pairClient,
  renewClient,
  startCentral,
  tokenFor,
} from '../support/central.js';
import { call, callAdmin, csrBody, startTestGateway } from '../support/gateway.js';
import { eventsOf, recordedCertificates } from '../support/record.js';
import { makeKey } from '../support/requests.js';
import { expectJsonForm } from './shape.js';

const paths = pathsOf('runtime');
const runtime = centralRuntime();

describe('a runtime', () => {
  it('CS-1.5, CS-1.4: gets a token of ten minutes and its own URL', async () => {
    const gateway = await startCentral();
    const { body } = await askToken(gateway, 'runtime', { Tenant: 't', Group: 'g' }).expect(201);
    expect(Object.keys(body)).toEqual(['url', 'token', 'expiresAt', 'caSha256']);
    expect(body.url).toBe(
      `${gateway.urls.gateway}/v1/runtimes/signingRequests/info?token=${String(body.token)}`,
    );
    expect(body.expiresAt).toBe(new Date((gateway.clock.now() + 600) * 1000).toISOString());
  });

  it('CS-1.5: its token lives as long as EVERLEAF_RUNTIME_TOKEN_TTL says, in both steps', async () => {
    const gateway = await startCentral({
      EVERLEAF_RUNTIME_TOKEN_TTL: '30s',
      EVERLEAF_TOKEN_TTL: '1d',
    });
    const first = await tokenFor(gateway, runtime);
    gateway.clock.advance(30);
    const { body } = await call(gateway, 'get', `${paths.signingInfo}?token=${first}`).expect(200);
    gateway.clock.advance(31);
    const late = enrolClient(gateway, runtime, { token: String(body.csrUrl).slice(-88) });
    expect((await late.expect(403)).body.reason).toBe('token-expired');
  });

  it('CS-1.5, CS-7: finds no event URLs in its info document', async () => {
    const gateway = await startCentral();
    const { gateway: url } = gateway.urls;
    const token = await tokenFor(gateway, runtime);
    const answer = await call(gateway, 'get', `${paths.signingInfo}?token=${token}`).expect(200);
    expectJsonForm(answer);
    const csrUrl = String(answer.body.csrUrl);
    expect(csrUrl.slice(0, -88)).toBe(`${url}/v1/runtimes/certificates?token=`);
    expect(answer.text).toBe(
      `${JSON.stringify({
        csrUrl,
        api: {
          infoUrl: `${url}/v1/runtimes/management/info`,
          certificatesUrl: `${url}/v1/runtimes/certificates`,
        },
        certificate: {
          subject: 'O=tenant,OU=group,L=Waldorf,ST=Waldorf,C=DE,CN=*Runtime*',
          extensions: '',
          'key-algorithm': 'rsa2048',
        },
      })}\n`,
    );
  });

  it('CS-1.5, CS-3: gets a client certificate whose CN is a UTF8String', async () => {
    const gateway = await startCentral();
    const holder = await pairClient(gateway, runtime);
    const certificate = new X509Certificate(holder.certPem);
    expect(certificate.subject).toBe(
      'C=DE\nST=Waldorf\nL=Waldorf\nO=tenant\nOU=group\nCN=*Runtime*',
    );
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(certificate.ca).toBe(false);
    const utf8 = Buffer.from([0x0c, 9]);
    expect(certificate.raw.includes(Buffer.concat([utf8, Buffer.from('*Runtime*')]))).toBe(true);
    const [recorded] = await recordedCertificates(gateway, 'runtime');
    expect(recorded).toMatchObject({ kind: 'runtime', holder: 'tenant/group' });
    const [enrolled] = await eventsOf(gateway, 'certificate.enrolled');
    expect(enrolled).toMatchObject({ actor: 'runtime:tenant/group', holder: 'tenant/group' });
  });

  it('CS-1.5, CS-7: finds group and tenant in its management info, and no event URLs', async () => {
    const gateway = await startCentral();
    const { gateway: url } = gateway.urls;
    const holder = await pairClient(gateway, runtime);
    const { body } = await call(gateway, 'get', paths.managementInfo, holder).expect(200);
    expect(Object.keys(body)).toEqual(['clientIdentity', 'urls', 'certificate', 'renewal']);
    expect(JSON.stringify(body.clientIdentity)).toBe('{"group":"group","tenant":"tenant"}');
    expect(body.urls).toEqual({
      renewCertUrl: `${url}/v1/runtimes/certificates/renewals`,
      revokeCertUrl: `${url}/v1/runtimes/certificates/revocations`,
      revocationCertUrl: `${url}/v1/runtimes/certificates/revocations`,
    });
    expect(body.certificate.subject).toBe(
      'O=tenant,OU=group,L=Waldorf,ST=Waldorf,C=DE,CN=*Runtime*',
    );
  });

  it('CS-1.5: renews, and not in the name of another group', async () => {
    const gateway = await startCentral();
    const holder = await pairClient(gateway, runtime);
    await renewClient(gateway, runtime, holder).expect(201);
    const { body } = await renewClient(gateway, centralRuntime({ group: 'other' }), holder);
    expect(body).toMatchObject({ code: 400, error: 'CSR: Invalid organizational unit provided.' });
    const [renewed] = await eventsOf(gateway, 'certificate.renewed');
    expect(renewed).toMatchObject({ actor: 'runtime:tenant/group', holder: 'tenant/group' });
    expect(await recordedCertificates(gateway, 'runtime')).toHaveLength(2);
  });

  it('CS-1.5, CS-5: revokes its certificate; the operator revokes another by hash', async () => {
    const gateway = await startCentral();
    const [one, other] = [
      await pairClient(gateway, runtime),
      await pairClient(gateway, centralRuntime({ group: 'other' })),
    ];
    await call(gateway, 'post', paths.revocations, one).expect(201);
    await call(gateway, 'post', paths.revocations, one).expect(201);
    await callAdmin(gateway, 'post', paths.revocations)
      .send(JSON.stringify({ hash: other.sha256 }))
      .expect(201);
    for (const holder of [one, other]) {
      const { body } = await call(gateway, 'get', paths.managementInfo, holder).expect(403);
      expect(body.error).toBe('Certificate has been revoked.');
    }
  });

  it('CS-1.5: says that it starts a second line where the group has a runtime', async () => {
    const gateway = await startCentral();
    await pairClient(gateway, runtime);
    const ask = (Group: string) => askToken(gateway, 'runtime', { Tenant: 'tenant', Group });
    expect((await ask('group').expect(201)).body.notice).toMatch(/^tenant\/group already holds/);
    expect((await ask('other').expect(201)).body).not.toHaveProperty('notice');
  });

  it('CS-1.5: is not served in standalone mode', async () => {
    const gateway = await startCentral();
    const [holder, token] = [await pairClient(gateway, runtime), await tokenFor(gateway, runtime)];
    const standalone = await gateway.restart({ EVERLEAF_MODE: 'standalone' });
    for (const [method, path] of [
      ['get', `${paths.signingInfo}?token=${token}`],
      ['post', `${paths.certificates}?token=${token}`],
      ['get', paths.managementInfo],
      ['post', paths.renewals],
      ['post', paths.revocations],
    ] as const) {
      const { body } = await call(standalone, method, path, holder).expect(404);
      expect(body).toMatchObject({ error: 'Requested resource could not be found.' });
    }
    const back = await standalone.restart({ EVERLEAF_MODE: 'central' });
    await call(back, 'get', paths.managementInfo, holder).expect(200);
  });

  it('CS-1.6: and never in a gateway that was standalone from the start', async () => {
    const gateway = await startTestGateway();
    const body = csrBody({ key: makeKey('prime256v1') });
    await call(gateway, 'post', `${paths.certificates}?token=x`).send(body).expect(404);
    await call(gateway, 'get', '/v1/api.yaml').expect(200);
  });
});
