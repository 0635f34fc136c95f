import { afterEach, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import request from 'supertest';
import { bring, makeIssued, makeRoot } from '../support/authority-files.js';
import { call, decodeAnswer, holderFrom, pair, renew } from '../support/gateway.js';
import { startTestGateway, temporaryHome } from '../support/gateway.js';
import type { Holder } from '../support/gateway.js';
import { startNginx } from '../support/nginx.js';
import type { Nginx } from '../support/nginx.js';
import { fetchList, listPath } from '../support/revocation-list.js';
import { installed } from '../support/tools.js';

const running: Nginx[] = [];

afterEach(async () => {
  for (const nginx of running.splice(0)) await nginx.stop();
});

async function nginxFor(input: Parameters<typeof startNginx>[0]): Promise<Nginx> {
  const nginx = await startNginx(input);
  running.push(nginx);
  return nginx;
}

function visit(nginx: Nginx, holder?: Pick<Holder, 'certPem' | 'keyPem'>) {
  const visiting = request(nginx.url).get('/').ca(nginx.ca);
  return holder ? visiting.cert(holder.certPem).key(holder.keyPem) : visiting;
}

const here = installed('nginx').length === 1 ? describe : describe.skip;

here('an nginx with `ssl_verify_client on` and our ca.crt', () => {
  it('lets the holder in, and the holder of the renewed certificate', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    const renewed = holderFrom((await renew(gateway, holder).expect(201)).body, holder);
    const clientCa = readFileSync(join(gateway.home, 'ca.crt'), 'utf8');
    const nginx = await nginxFor({ clientCa });

    for (const visitor of [holder, renewed]) {
      const { text } = await visit(nginx, visitor).expect(200);
      expect(text).toBe('SUCCESS CN=app,OU=OrgUnit,O=Organization,L=Waldorf,ST=Waldorf,C=DE');
    }
  });

  it('refuses whoever presents nothing, and the holder of another gateway', async () => {
    const gateway = await startTestGateway();
    const stranger = await pair(await startTestGateway());
    const nginx = await nginxFor({ clientCa: gateway.ca });

    expect((await visit(nginx).expect(400)).text).toContain('No required SSL certificate');
    expect((await visit(nginx, stranger).expect(400)).text).toContain('SSL certificate error');
  });

  it('refuses a revoked holder by our list, and lets the others in', async () => {
    const gateway = await startTestGateway();
    const [revoked, holder] = [await pair(gateway, 'revoked'), await pair(gateway)];
    const path = '/v1/applications/certificates/revocations';
    await call(gateway, 'post', path, revoked).expect(201);
    const crl = await fetchList(gateway, await listPath(gateway));
    const nginx = await nginxFor({ clientCa: gateway.ca, crl });

    await visit(nginx, holder).expect(200);
    expect((await visit(nginx, revoked).expect(400)).text).toContain('SSL certificate error');
  });

  it('lets the holder of a brought authority in by the root alone', async () => {
    const folder = temporaryHome();
    const root = await makeRoot({ folder, name: 'Root', key: 'rsa' });
    const issuing = await makeIssued({ folder, name: 'Issuing', issuer: root });
    const gateway = await startTestGateway(bring(issuing, root.certFile));
    const holder = await pair(gateway);
    const { crt } = decodeAnswer((await renew(gateway, holder).expect(201)).body);
    const nginx = await nginxFor({ clientCa: gateway.ca, verifyDepth: 2 });

    await visit(nginx, { certPem: crt, keyPem: holder.keyPem }).expect(200);
    await visit(nginx, holder).expect(400);
  });
});
