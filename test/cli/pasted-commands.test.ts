import { describe, expect, it } from '@jest/globals';
import { chmodSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeFolder } from '../credentials/stores.js';
import { startTestGateway } from '../support/gateway.js';
import { withoutSettings } from '../support/gateway-process.js';
import { startMailServer } from '../support/mail-server.js';
import { run } from '../support/run.js';
import { openService, renewUser, servicePath } from '../support/services.js';
import { everleaf } from './everleaf.js';

/** Names that a shell, or a command that reads options, could take for something else. */
const names = ["o'neil $(id) `id`", '-rf', '* & | ! # ~ü (1) {a} [b] ?', '--username'];

/** `avn` as a program that says what it was called with, and `everleaf` as the checkout has it. */
function toolsIn(folder: string): string {
  const avn = join(folder, 'avn');
  writeFileSync(avn, '#!/bin/sh\nfor word in "$@"; do printf "%s\\n" "$word"; done\n');
  const own = join(folder, 'everleaf');
  const main = ['--import', 'tsx', resolve('src/main.ts')].map((word) => `'${word}'`).join(' ');
  writeFileSync(own, `#!/bin/sh\nexec '${process.execPath}' ${main} "$@"\n`);
  for (const file of [avn, own]) chmodSync(file, 0o755);
  return `${folder}:${process.env['PATH'] ?? ''}`;
}

describe('the commands of a mail', () => {
  it('do what they say when they are pasted, whatever the user is called', async () => {
    const server = await startMailServer();
    const gateway = await startTestGateway({
      EVERLEAF_SMTP_URL: server.url,
      EVERLEAF_MAIL_FROM: 'everleaf@example.com',
    });
    const { asRoot, user } = await openService(gateway);
    for (const username of names) {
      await asRoot('post', `${servicePath}/user`, { username }).expect(200);
      await renewUser(gateway, username);
    }
    await gateway.renewServiceUsers();
    await gateway.deliverAnnouncements();
    const lines = (server.mails[0]?.text ?? '').split('\n').map((line) => line.trim());
    const env = {
      ...withoutSettings(process.env),
      ...gateway.settings,
      PATH: toolsIn(makeFolder()),
    };
    const paste = (line: string) => run(['sh', '-c', line], { env });

    const called: string[][] = [];
    for (const line of lines.filter((one) => one.startsWith('avn ')))
      called.push((await paste(line)).stdout.trimEnd().split('\n'));
    const options = (name: string) =>
      name.startsWith('-') ? [`--username=${name}`] : ['--username', name];
    const ordered = [...names].sort();
    expect(called).toEqual(
      ['user-creds-download', 'user-creds-acknowledge'].flatMap((command) =>
        ordered.map((name) => ['service', command, '--project', 'p1', ...options(name), 'kafka-1']),
      ),
    );
    const own = lines.filter((one) => one.startsWith('everleaf '));
    expect(own).toHaveLength(names.length);
    const ended = await Promise.all(own.map(paste));
    expect(ended.map(({ stdout, stderr }) => stdout + stderr)).toEqual(
      ordered.map((name) => `The renewal of ${name} is acknowledged.\n`),
    );
    for (const name of names)
      expect(await user(encodeURIComponent(name))).not.toHaveProperty(
        'expiring_cert_not_valid_after_time',
      );
  });
});

describe('everleaf expiry', () => {
  it('shows a table, or a calendar, and not both forms at once', async () => {
    const gateway = await startTestGateway();
    await openService(gateway);
    const table = await everleaf(gateway.settings, 'expiry', '--within', '900d');
    expect(table.stdout).toMatch(
      /^ENDS +WHAT +WHOSE +STATE +TO ACT +WHAT NOW\n.+Z +service-user +p1\/kafka-1\/avnadmin +current +gateway +It is renewed by itself, and then announced\.\n$/,
    );
    const words = ['expiry', '--project', 'p1', '--within', '900d', '--ics'];
    const calendar = await everleaf(gateway.settings, ...words);
    expect(calendar.stdout).toMatch(/^BEGIN:VCALENDAR\r\n[^]+\r\nEND:VCALENDAR\r\n$/);
    expect(calendar.stdout).toContain('SUMMARY:p1/kafka-1 avnadmin: certificate ends\r\n');
    const both = await everleaf(gateway.settings, ...words, '--json');
    expect(both).toMatchObject({ code: 2, stdout: '' });
    expect(both.stderr).toContain('--ics is another form than --json: one of them');
  });
});
