import { describe, expect, it } from '@jest/globals';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectories } from '../support/databases.js';
import { startTestGateway } from '../support/gateway.js';
import { openGovernance, ordersAccess } from '../support/governance.js';
import type { Governed } from '../support/governance.js';
import { callAsUser } from '../support/people.js';
import { outputOf, run } from '../support/run.js';
import { installed } from '../support/tools.js';

const directory = temporaryDirectories();
const hostile = "it's $(id) `id` #1 ${HOME} \u00fc *";
const subject = `User:CN=${hostile.replace('#', '\\#')},OU=kafka-1,O=p1`;

const acl = (operation: string, resource_name: string, host = '*') => ({
  resource_name,
  resource_type: 'Topic',
  operation,
  permission_type: 'ALLOW',
  host,
});

/** The script of a new access to this user, in a directory with tools that write down what they are called with. */
async function openScript(governed: Governed, username: string) {
  const body = ordersAccess(governed.group);
  const acls = [
    acl('Read', 'orders.v1'),
    acl('Write', 'orders.v1', '192.0.2.1'),
    acl('Read', '-dash_'),
    acl('Read', 'all', '192.0.2.1'),
  ];
  const access_data = { ...body.access_data, username, acls };
  const order = { ...body, access_name: hostile, access_data };
  const made = await governed.as(governed.root, 'post', '/access', order).expect(200);
  const path = `/access/${String(made.body.access.access_id)}/kafka-acls`;
  const answer = await governed.as(governed.outsider, 'get', path).expect(200);
  const home = directory();
  const script = join(home, 'acls.sh');
  writeFileSync(script, answer.text);
  const tool = join(home, 'kafka-acls');
  writeFileSync(tool, '#!/bin/sh\nprintf "%s\\0" "$@" call >>"$CALLS"\nexit "${FAILING:-0}"\n');
  chmodSync(tool, 0o700);
  const calls = join(home, 'calls');
  const call = async (words: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    writeFileSync(calls, '');
    const PATH = `${home}:/usr/bin:/bin`;
    const ended = await run(['sh', script, ...words], { env: { PATH, CALLS: calls, ...env } });
    const made = readFileSync(calls, 'utf8').split('\0call\0').slice(0, -1);
    return { ...ended, calls: made.map((one) => one.split('\0')) };
  };
  return { answer, script, home, call };
}

const called = (
  operation: string,
  host: string,
  topics: readonly string[],
  { verb = ['--add'], principal = subject, server = 'kafka.example.com:9093' } = {},
) => [
  ...['--bootstrap-server', server, ...verb],
  ...topics.flatMap((topic) => ['--topic', topic]),
  ...['--resource-pattern-type', 'literal', '--allow-principal', principal],
  ...['--allow-host', host, '--operation', operation],
];

const calledFor = (options: Parameters<typeof called>[3] = {}) => [
  called('Read', '*', ['orders.v1', '-dash_'], options),
  called('Write', '192.0.2.1', ['orders.v1'], options),
  called('Read', '192.0.2.1', ['all'], options),
];

describe('the script that applies the ACLs of an access', () => {
  it('calls the tool of Kafka once for all topics that share a right, whatever the names are', async () => {
    const governed = await openGovernance(await startTestGateway());
    const { gateway, root } = governed;
    const { answer, script, home, call } = await openScript(governed, hostile);
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(answer.headers['cache-control']).toBe('no-store');
    for (const shellcheck of installed('shellcheck'))
      expect(await run([shellcheck, script])).toEqual({ code: 0, stdout: '', stderr: '' });
    for (const shell of installed('dash', 'bash', 'zsh'))
      expect(await run([shell, '-n', script])).toEqual({ code: 0, stdout: '', stderr: '' });

    const applied = { code: 0, stdout: '', stderr: '', calls: calledFor() };
    expect(await call(['apply'])).toEqual(applied);
    expect((await call(['remove'])).calls).toEqual(calledFor({ verb: ['--remove', '--force'] }));
    const principal = 'User:orders of a broker';
    const others = { server: 'b:1', verb: ['--command-config', "a'b", '--add'], principal };
    const words = ['--bootstrap-server', 'b:1', '--command-config', "a'b", 'apply'];
    expect((await call([...words, '--principal', principal])).calls).toEqual(calledFor(others));
    const env = { KAFKA_BOOTSTRAP_SERVER: 'b:1', KAFKA_COMMAND_CONFIG: "a'b" };
    expect((await call(['apply'], { ...env, KAFKA_PRINCIPAL: principal })).calls).toEqual(
      calledFor(others),
    );
    const tool = join(home, 'kafka-acls');
    const elsewhere = { PATH: '/usr/bin:/bin', KAFKA_ACLS: tool };
    expect((await call(['apply'], elsewhere)).calls).toEqual(calledFor());

    const failed = await call(['apply'], { FAILING: '7' });
    expect([failed.code, failed.calls.length]).toEqual([7, 1]);
    const help = await call(['-h']);
    expect([help.code, help.calls]).toEqual([0, []]);
    expect(help.stdout).toContain(`The default principal is ${subject}\n`);
    for (const [wrong, says] of [
      [[], 'say apply or remove'],
      [['apply', 'remove'], 'once'],
      [['apply', '--principal'], 'needs a value'],
      [['apply', '--principal', 'User:*'], 'everybody'],
      [['apply', '--force'], '--force is not known'],
    ] as const) {
      const refused = await call(wrong);
      expect([refused.code, refused.calls]).toEqual([2, []]);
      expect(refused.stderr).toContain(says);
    }
    expect(await call(['apply'], { PATH: '/usr/bin:/bin' })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('KAFKA_ACLS'),
    });

    const userPath = `/v1/project/p1/service/kafka-1/user/${encodeURIComponent(hostile)}`;
    const { user } = (await callAsUser(gateway, root, 'get', userPath).expect(200)).body;
    for (const java of installed('java')) {
      writeFileSync(join(home, 'cert.pem'), String(user.access_cert));
      writeFileSync(join(home, 'Subject.java'), subjectInJava);
      const command = [java, '-Dstdout.encoding=UTF-8', '-Dfile.encoding=UTF-8'] as const;
      const name = outputOf([...command, join(home, 'Subject.java'), join(home, 'cert.pem')]);
      expect(`User:${await name}`).toBe(subject);
    }
  });

  it('takes the name of the user where clients have no certificates, and asks for a broker that is not on record', async () => {
    const governed = await openGovernance(await startTestGateway());
    const { gateway, root } = governed;
    const path = '/v1/project/p1/service/kafka-1';
    const user_config = { host: '', kafka_authentication_methods: { certificate: false } };
    await callAsUser(gateway, root, 'put', path).send({ user_config }).expect(200);
    const { call } = await openScript(governed, 'plain');
    const refused = await call(['apply']);
    expect([refused.code, refused.calls]).toEqual([2, []]);
    expect(refused.stderr).toContain('--bootstrap-server');
    const options = { server: 'b:1', principal: 'User:plain' };
    expect((await call(['apply', '--bootstrap-server', 'b:1'])).calls).toEqual(calledFor(options));
  });
});

/** Prints the subject as a broker takes it for the name of a client. */
const subjectInJava = `
import java.io.FileInputStream;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;

public class Subject {
  public static void main(String[] words) throws Exception {
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    try (FileInputStream file = new FileInputStream(words[0])) {
      X509Certificate certificate = (X509Certificate) factory.generateCertificate(file);
      System.out.println(certificate.getSubjectX500Principal().getName());
    }
  }
}
`;
