import { describe, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startTestGateway, temporaryHome } from '../support/gateway.js';
import { makeNodeRequest } from '../support/node-requests.js';
import { openProject } from '../support/people.js';
import { eventsOf } from '../support/record.js';
import { verifyTogether } from '../support/verify.js';
import { everleaf, everleafJson } from './everleaf.js';

describe('everleaf service change, certificate and connection', () => {
  it('describe the servers of a service, certify one and say how to connect', async () => {
    const { asRoot, gateway } = await openProject(await startTestGateway());
    const { settings } = gateway;
    const hosts = ['--node-host', 'b1.example.com', '*.w.example.com'];
    const created = await everleafJson(
      settings,
      ...['service', 'create', 'p1', 'pg-1', '--type', 'pg', '--host', 'db.example.com'],
      ...['--certificates', ...hosts],
    );
    expect(created).toMatchObject({ nodeHosts: hosts.slice(1), clientsTrust: 'project_ca' });
    const folder = temporaryHome();
    const [requestFile, out] = [join(folder, 'node.csr'), join(folder, 'node.crt')];
    const { der, key } = makeNodeRequest(['DNS:b1.example.com']);
    writeFileSync(requestFile, der);
    const where = ['p1', 'pg-1'];
    const certify = ['service', 'certificate', ...where, '--csr', requestFile];
    const wrote = await everleaf(settings, ...certify, '--out', out);
    expect(wrote).toEqual({ code: 0, stdout: `Wrote ${out}\n`, stderr: '' });
    expect(statSync(out).mode & 0o777).toBe(0o644);
    const certPem = readFileSync(out, 'utf8');
    expect(new X509Certificate(certPem).checkPrivateKey(key)).toBe(true);
    const { body } = await asRoot('get', '/v1/project/p1/kms/ca').expect(200);
    await verifyTogether([{ certPem, bundle: body.certificate }]);
    expect(await eventsOf(gateway, 'service.certified')).toEqual([
      expect.objectContaining({ actor: expect.stringMatching(/^cli:/) }),
    ]);
    const changed = ['--node-host', 'b2.example.com', '--clients-trust', 'browser'];
    expect(await everleafJson(settings, 'service', 'change', ...where, ...changed)).toMatchObject({
      nodeHosts: ['b2.example.com'],
      clientsTrust: 'browser',
      certificates: true,
    });
    const refused = await everleaf(settings, ...certify);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('Allowed are db.example.com, b2.example.com:');
    const { stdout } = await everleaf(settings, 'service', 'connection', ...where);
    expect(stdout).toContain(
      "\n  psql 'postgres://avnadmin@db.example.com:5432/defaultdb?sslmode=verify-full&sslrootcert=system&sslcert=service.cert&sslkey=service.key'\n",
    );
  });

  it('say what is wrong', async () => {
    const { asRoot, gateway } = await openProject(await startTestGateway());
    const body = { service_name: 'other-1', service_type: 'other' };
    await asRoot('post', '/v1/project/p1/service', body).expect(200);
    for (const [words, code, sentence] of [
      [['change', 'p1', 'other-1', '--node-host', 'a b'], 2, 'It must be a host name'],
      [['connection', 'p1', 'other-1'], 1, 'everleaf service change p1 other-1 --host HOST'],
      [['certificate', 'p1', 'other-1', '--csr', '/none'], 1, '/none cannot be read'],
    ] as const) {
      const answer = await everleaf(gateway.settings, 'service', ...words);
      expect({ ...answer, stdout: '' }).toEqual({
        code,
        stdout: '',
        stderr: expect.stringContaining(sentence),
      });
    }
  });
});
