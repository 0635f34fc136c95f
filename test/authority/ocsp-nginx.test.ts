import { afterEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { call, pair } from '../support/gateway.js';
import type { Holder } from '../support/gateway.js';
import { startNginx } from '../support/nginx.js';
import type { Nginx } from '../support/nginx.js';
import { startWithPkiUrl } from '../support/ocsp.js';
import { installed } from '../support/tools.js';

const running: Nginx[] = [];

afterEach(async () => {
  for (const nginx of running.splice(0)) await nginx.stop();
});

async function visit(nginx: Nginx, holder: Holder): Promise<{ status: number; text: string }> {
  const { certPem, keyPem } = holder;
  return request(nginx.url).get('/').ca(nginx.ca).cert(certPem).key(keyPem);
}

const here = installed('nginx').length === 1 ? describe : describe.skip;

here('nginx with ssl_ocsp', () => {
  it('asks where the certificate points, lets it in, and turns it away once it is revoked', async () => {
    const gateway = await startWithPkiUrl();
    const [kept, revoked] = [await pair(gateway, 'kept'), await pair(gateway, 'revoked')];
    const nginx = await startNginx({ clientCa: gateway.ca, directives: 'ssl_ocsp on;' });
    running.push(nginx);
    const before = await visit(nginx, revoked);
    expect(before.status).toBe(200);
    expect(before.text).toMatch(/^SUCCESS .*CN=revoked/);
    await call(gateway, 'post', '/v1/applications/certificates/revocations', revoked).expect(201);
    const refused = await visit(nginx, revoked);
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('The SSL certificate error');
    expect((await visit(nginx, kept)).status).toBe(200);
    const asked = gateway.logs.filter(({ route }) => route === '/pki/ocsp/*request');
    expect(asked).toHaveLength(3);
    expect(asked.map(({ method, status }) => [method, status])).toEqual(
      asked.map(() => ['GET', 200]),
    );
    expect(JSON.stringify(asked)).not.toContain('/pki/ocsp/M');
  });
});
