import { afterEach, describe, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import request from 'supertest';
import { encodePem } from '../../src/pki/pem.js';
import { call, callAdmin, pair, startTestGateway, temporaryHome } from '../support/gateway.js';
import type { Holder, TestGateway } from '../support/gateway.js';
import { startNginx } from '../support/nginx.js';
import type { Nginx } from '../support/nginx.js';
import { askByOpenssl } from '../support/ocsp.js';
import { fetchList, listPath, plainSerial, readList } from '../support/revocation-list.js';
import { run } from '../support/run.js';
import { installed } from '../support/tools.js';

const running: Nginx[] = [];

afterEach(async () => {
  for (const nginx of running.splice(0)) await nginx.stop();
});

/** What each relying party says of a holder: true where it takes the certificate for revoked. */
interface Opinions {
  readonly download: boolean;
  readonly verify: boolean;
  readonly ocsp: boolean;
}

async function opinionsOn(gateway: TestGateway, holder: Holder): Promise<Opinions> {
  const der = await fetchList(gateway, await listPath(gateway));
  const serial = plainSerial(new X509Certificate(holder.certPem).serialNumber);
  const { text } = await askByOpenssl(gateway, holder);
  expect(text).toContain('Response verify OK');
  return {
    download: (await readList(gateway, der)).serials.includes(serial),
    verify: await isRevokedToVerify(gateway, holder, der),
    ocsp: text.includes('asked.crt: revoked'),
  };
}

async function isRevokedToVerify(
  { caFile }: TestGateway,
  { certPem }: Holder,
  der: Uint8Array,
): Promise<boolean> {
  const folder = temporaryHome();
  const files = { certificate: join(folder, 'app.crt'), list: join(folder, 'list.pem') };
  writeFileSync(files.certificate, certPem);
  writeFileSync(files.list, encodePem('X509 CRL', der));
  const trust = ['-CAfile', caFile, '-CRLfile', files.list, '-x509_strict'];
  const { code, stderr } = await run([
    ...(['openssl', 'verify', '-crl_check', ...trust] as const),
    files.certificate,
  ]);
  if (code !== 0) expect(stderr).toContain('certificate revoked');
  return code !== 0;
}

const all = (isRevoked: boolean): Opinions => ({
  download: isRevoked,
  verify: isRevoked,
  ocsp: isRevoked,
});

describe('relying parties agree', () => {
  it('on a revoked certificate right after its revocation, and on the others', async () => {
    const gateway = await startTestGateway();
    const [kept, byHolder, byOperator] = [
      await pair(gateway, 'kept'),
      await pair(gateway, 'by-holder'),
      await pair(gateway, 'by-operator'),
    ];
    for (const holder of [kept, byHolder, byOperator])
      expect(await opinionsOn(gateway, holder)).toEqual(all(false));

    const path = '/v1/applications/certificates/revocations';
    await call(gateway, 'post', path, byHolder).expect(201);
    expect(await opinionsOn(gateway, byHolder)).toEqual(all(true));
    await callAdmin(gateway, 'post', path).send({ hash: byOperator.sha256 }).expect(201);

    for (const holder of [byHolder, byOperator])
      expect(await opinionsOn(gateway, holder)).toEqual(all(true));
    expect(await opinionsOn(gateway, kept)).toEqual(all(false));
  });
});

const here = installed('nginx').length === 1 ? describe : describe.skip;

here('a running nginx with `ssl_crl`', () => {
  it('turns a revoked holder away once it has read the fresh list, and nobody else', async () => {
    const gateway = await startTestGateway();
    const [kept, revoked] = [await pair(gateway, 'kept'), await pair(gateway, 'revoked')];
    const list = await listPath(gateway);
    const crl = await fetchList(gateway, list);
    const nginx = await startNginx({ clientCa: gateway.ca, crl });
    running.push(nginx);
    const visit = async ({ certPem, keyPem }: Holder): Promise<number> =>
      (await request(nginx.url).get('/').ca(nginx.ca).cert(certPem).key(keyPem)).status;
    expect(await visit(revoked)).toBe(200);

    await call(gateway, 'post', '/v1/applications/certificates/revocations', revoked).expect(201);
    await nginx.reload(await fetchList(gateway, list));
    while ((await visit(revoked)) !== 400) expect(await visit(kept)).toBe(200);

    expect(await visit(kept)).toBe(200);
    expect(await opinionsOn(gateway, revoked)).toEqual(all(true));
  });
});
