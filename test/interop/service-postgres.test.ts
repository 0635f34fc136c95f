import { afterEach, describe, expect, it } from '@jest/globals';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConnectionLine } from '../../src/credentials/connection-lines.js';
import { startTestGateway, temporaryHome } from '../support/gateway.js';
import { makeNodeRequest } from '../support/node-requests.js';
import { freePort } from '../support/nginx.js';
import { openProject } from '../support/people.js';
import type { House } from '../support/people.js';
import { hasPostgres, startPostgresWithTls } from '../support/postgres-tls.js';
import { run } from '../support/run.js';
import { installed } from '../support/tools.js';

const running: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of running.splice(0)) await stop();
});

const path = '/v1/project/p1/service/pg-1';

/** A PostgreSQL with a server certificate of the route, what the answer says of it, and a folder with the files. */
async function openPostgres({ asRoot }: House) {
  const port = await freePort();
  await asRoot('post', '/v1/project/p1/service', {
    service_name: 'pg-1',
    service_type: 'pg',
    user_config: { host: 'localhost', port, certificate_authentication: true },
  }).expect(200);
  const { csr, keyPem: key } = makeNodeRequest(['DNS:localhost']);
  const { body } = await asRoot('post', `${path}/certificates`, { csr }).expect(200);
  const role = 'avnadmin';
  const { certificate: cert, ca: clientCa } = body;
  running.push(await startPostgresWithTls({ port, role, cert, key, clientCa }));
  const folder = temporaryHome();
  const { body: download } = await asRoot('get', `${path}/user/${role}/credentials`).expect(200);
  for (const { name, content } of download.files)
    writeFileSync(join(folder, name), Buffer.from(content, 'base64'), { mode: 0o600 });
  const { body: shown } = await asRoot('get', path).expect(200);
  return { folder, lines: shown.service.connection_lines as ConnectionLine[] };
}

const here = hasPostgres() && installed('psql').length === 1 ? describe : describe.skip;

here('psql by the lines of a service', () => {
  it('connects, and each mode checks what its sentence says', async () => {
    const house = await openProject(await startTestGateway());
    const { folder, lines } = await openPostgres(house);
    const lineOf = (mode: string) => lines.find((one) => one.mode === mode)?.line ?? '';
    const env = { ...process.env, HOME: folder, PGCONNECT_TIMEOUT: '5' };
    const connect = async (line: string) => {
      const query = 'select client_dn from pg_stat_ssl where pid = pg_backend_pid()';
      const { code, stdout, stderr } = await run(['sh', '-c', `${line} -XAtc "${query}"`], {
        cwd: folder,
        env,
      });
      return code === 0 ? stdout.trim() : stderr;
    };
    const elsewhere = (mode: string) => lineOf(mode).replace('localhost', '127.0.0.1');
    for (const { line } of lines) expect(await connect(line)).toBe('/O=p1/OU=pg-1/CN=avnadmin');
    expect(await connect(elsewhere('verify-ca'))).toBe('/O=p1/OU=pg-1/CN=avnadmin');
    expect(await connect(elsewhere('verify-full'))).toContain('does not match host name');
    const anonymous = lineOf('verify-full').replace(/&sslcert=[^']*/, '');
    expect(await connect(anonymous)).toContain('requires a valid client certificate');

    await house.asRoot('post', '/v1/project', { project: 'p2' }).expect(200);
    const { body } = await house.asRoot('get', '/v1/project/p2/kms/ca').expect(200);
    writeFileSync(join(folder, 'ca.pem'), body.certificate);
    for (const { line } of lines)
      expect(await connect(line)).toContain('certificate verify failed');
    rmSync(join(folder, 'ca.pem'));
    expect(await connect(lineOf('require'))).toBe('/O=p1/OU=pg-1/CN=avnadmin');
    for (const mode of ['verify-ca', 'verify-full'])
      expect(await connect(lineOf(mode))).toContain('"ca.pem" does not exist');
  });
});
