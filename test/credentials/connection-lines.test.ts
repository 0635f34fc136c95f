import { describe, expect, it } from '@jest/globals';
import { connectionLines } from '../../src/credentials/connection-lines.js';
import type { ConnectionLine } from '../../src/credentials/connection-lines.js';
import { startTestGateway } from '../support/gateway.js';
import { newKafka, openService } from '../support/services.js';

interface ShownService {
  readonly connection_lines: readonly ConnectionLine[];
  readonly users: readonly { readonly password: string }[];
}

const pg = { type: 'pg', host: 'db.example.com', port: 5432, userConfig: {} };
const withCertificates = { certificate_authentication: true };

const linesOf = (service: typeof pg, username: string | undefined = 'app') =>
  connectionLines(service, username).map(({ line }) => line);

describe('connection lines', () => {
  it('of PostgreSQL: one for each sslmode, the last with every check', () => {
    const at = "psql 'postgres://app@db.example.com:5432/defaultdb?sslmode=";
    expect(linesOf(pg)).toEqual([
      `${at}require&sslrootcert=ca.pem'`,
      `${at}verify-ca&sslrootcert=ca.pem'`,
      `${at}verify-full&sslrootcert=ca.pem'`,
    ]);
    const [, , full] = linesOf({ ...pg, userConfig: withCertificates });
    expect(full).toBe(
      `${at}verify-full&sslrootcert=ca.pem&sslcert=service.cert&sslkey=service.key'`,
    );
  });

  it('of PostgreSQL with a certificate that browsers trust: by the CAs of the system', () => {
    const lines = linesOf({ ...pg, userConfig: { clients_trust: 'browser' } });
    expect(lines.map((line) => /sslmode=.*(?=')/.exec(line)?.[0])).toEqual([
      'sslmode=require',
      'sslmode=verify-full&sslrootcert=system',
    ]);
  });

  it('let no name out of the quotes or the user part', () => {
    const [line = ''] = linesOf(pg, "a'b@c/d?e&f#$(g)%");
    expect(line).toContain('//a%27b%40c%2Fd%3Fe%26f%23%24(g)%25@db.example.com:5432/');
    expect(line.match(/'/g)).toHaveLength(2);
    expect(linesOf({ ...pg, host: '2001:db8::1' })[0]).toContain('@[2001:db8::1]:5432/');
  });

  it('are none without a host, and of other types', () => {
    expect(linesOf({ ...pg, host: '' })).toEqual([]);
    expect(linesOf({ ...pg, type: 'mysql' })).toEqual([]);
    expect(connectionLines(pg, undefined)).toEqual([]);
  });

  it('of Kafka: where to begin, and the file that the rest is in', () => {
    const kafka = { ...pg, type: 'kafka', port: 9093 };
    const of = (userConfig: object) =>
      connectionLines({ ...kafka, userConfig: { ...userConfig } }, 'app');
    const [line, ...more] = of({});
    expect(line).toMatchObject({
      mode: 'ssl',
      line: 'bootstrap.servers=db.example.com:9093',
      checks: expect.stringContaining('client.properties'),
    });
    expect(more).toEqual([]);
    expect(of({ clients_trust: 'browser' })[0]?.checks).toContain('ssl.truststore');
    expect(of({ kafka_authentication_methods: { certificate: false } })[0]?.mode).toBe('sasl_ssl');
  });

  it('stand in the answer of a service, without a secret', async () => {
    const { asRoot } = await openService(await startTestGateway());
    const body = {
      ...newKafka,
      service_name: 'pg-1',
      service_type: 'pg',
      user_config: { host: 'db.example.com', ...withCertificates },
    };
    const created = await asRoot('post', '/v1/project/p1/service', body).expect(200);
    const { connection_lines: lines, users } = created.body.service as ShownService;
    expect(lines.map(({ mode }) => mode)).toEqual(['require', 'verify-ca', 'verify-full']);
    expect(lines[2]?.line).toContain('//avnadmin@db.example.com:5432/');
    expect(users[0]?.password).toMatch(/\S/);
    expect(JSON.stringify(lines)).not.toContain(users[0]?.password);
    const { body: list } = await asRoot('get', '/v1/project/p1/service').expect(200);
    const [kafka, database] = list.services as ShownService[];
    expect(database?.connection_lines).toEqual(lines);
    expect(kafka?.connection_lines[0]?.line).toContain('kafka.example.com:9093');
  });
});
