import { describe, expect, it } from '@jest/globals';
import type { TestGateway } from '../support/gateway.js';
import { call, callAdmin, createToken, pair, renew, startTestGateway } from '../support/gateway.js';
import { countCertificates } from '../support/refusals.js';

const info = '/v1/applications/management/info';

async function ignoredHeaders(gateway: TestGateway) {
  const rows = await gateway.database.db
    .selectFrom('audit_events')
    .selectAll()
    .where('action', '=', 'identity-header.ignored')
    .orderBy('id')
    .execute();
  return rows.map(({ level, actor, detail }) => ({
    level,
    actor,
    ...(JSON.parse(detail) as { headers: string[] }),
  }));
}

/** What a proxy would send about the holder of a certificate. */
function proxyHeaders({ certPem, sha256 }: { certPem: string; sha256: string }) {
  const subject = 'CN=app,OU=OrgUnit,O=Organization,L=Waldorf,ST=Waldorf,C=DE';
  const der = certPem.replace(/-----[A-Z ]+-----|\n/g, '');
  return {
    'X-Forwarded-Client-Cert': `Hash=${sha256};Subject="${subject}";Cert="${encodeURIComponent(certPem)}"`,
    'Client-Cert': `:${der}:`,
    'Certificate-Data': `Hash=${sha256};Subject="${subject}"`,
    'SSL-Client-Cert': encodeURIComponent(certPem),
  };
}

describe('headers of a proxy, where none is configured', () => {
  it('HI-P1: make nobody of nobody, one by one and all together', async () => {
    const gateway = await startTestGateway();
    const headers = proxyHeaders(await pair(gateway));
    const before = await countCertificates(gateway);
    for (const [name, value] of Object.entries(headers)) {
      const { body } = await call(gateway, 'get', info).set(name, value).expect(401);
      expect(body.reason).toBe('certificate-required');
    }
    await call(gateway, 'post', '/v1/applications/certificates/renewals')
      .set(headers)
      .send('{"csr":""}')
      .expect(401);
    await call(gateway, 'post', '/v1/applications/certificates/revocations')
      .set(headers)
      .expect(401);
    expect(await countCertificates(gateway)).toEqual(before);
    expect(await ignoredHeaders(gateway)).toEqual([
      { level: 'warning', actor: 'address:127.0.0.1', headers: ['x-forwarded-client-cert'] },
    ]);
  });

  it('HI-P1: do not change whom a presented certificate names', async () => {
    const gateway = await startTestGateway();
    const [app, other] = [await pair(gateway), await pair(gateway, 'other')];
    const { body } = await call(gateway, 'get', info, other).set(proxyHeaders(app)).expect(200);
    expect(body.clientIdentity).toEqual({ application: 'other' });
    await renew(gateway, other).set(proxyHeaders(app)).expect(201);
    expect(await countCertificates(gateway)).toEqual({ application: 3, server: 1 });
  });

  it('HI-P1: do not rescue a revoked certificate and do not condemn a good one', async () => {
    const gateway = await startTestGateway();
    const [revoked, good] = [await pair(gateway), await pair(gateway, 'good')];
    await callAdmin(gateway, 'post', '/v1/applications/certificates/revocations')
      .send(JSON.stringify({ hash: revoked.sha256 }))
      .expect(201);
    await call(gateway, 'get', info, revoked).set(proxyHeaders(good)).expect(403);
    await call(gateway, 'get', info, good).set(proxyHeaders(revoked)).expect(200);
  });

  it('HI-P1: are audited once a minute for an address, by name and without their values', async () => {
    const gateway = await startTestGateway();
    const headers = proxyHeaders(await pair(gateway));
    for (let i = 0; i < 5; i += 1) await call(gateway, 'get', info).set(headers).expect(401);
    gateway.clock.advance(60);
    await call(gateway, 'get', '/v1/api.yaml').set('Client-Cert', 'secret-value').expect(200);
    const events = await ignoredHeaders(gateway);
    expect(events.map(({ headers: names }) => names)).toEqual([
      ['client-cert', 'x-forwarded-client-cert', 'certificate-data', 'ssl-client-cert'],
      ['client-cert'],
    ]);
    expect(JSON.stringify([events, gateway.logs])).not.toContain('secret-value');
  });

  it('HI-P1: are no event where nobody sends them', async () => {
    const gateway = await startTestGateway();
    await call(gateway, 'get', info, await pair(gateway)).expect(200);
    await createToken(gateway, 'other');
    expect(await ignoredHeaders(gateway)).toEqual([]);
  });
});
