import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Application } from '../support/application.js';
import { pairApplication } from '../support/application.js';
import type { GatewayProcess } from '../support/gateway-process.js';
import { startGatewayProcess } from '../support/gateway-process.js';
import type { Ended } from '../support/run.js';
import { outputOf, run } from '../support/run.js';
import { installed } from '../support/tools.js';

let gateway: GatewayProcess;

beforeAll(async () => {
  gateway = await startGatewayProcess();
});
afterAll(() => gateway.stop());

/** The lines of the README's ```bash blocks, without the indentation of a list. */
async function tutorialLines(): Promise<readonly string[]> {
  const readme = await readFile('README.md', 'utf8');
  const blocks = [...readme.matchAll(/^( *)```bash\n([^]*?)^ *```$/gm)];
  return blocks.flatMap(([, indent = '', text = '']) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => line.slice(indent.length)),
  );
}

/** Feeds the lines to a shell one by one, as a person pastes them; a fault is told with the line it is in. */
async function paste(shell: string, lines: readonly string[]): Promise<Ended> {
  const marked = lines.map((line, at) => `${line}\n[ $? -eq 0 ] || echo "line ${at} failed" >&2`);
  const input = `set -o pipefail\n${marked.join('\n')}\n`;
  return await run([shell, '-s'], { cwd: gateway.folder, env: gateway.environment, input });
}

const shells = installed('bash', 'zsh');

describe("the README's tutorial", () => {
  it.each(shells)('works line by line in %s', async (shell) => {
    const lines = await tutorialLines();
    expect(lines.length).toBeGreaterThan(15);
    const look = [
      'openssl x509 -noout -serial -in old.crt',
      'openssl x509 -noout -serial -in my-app.crt',
      'curl -s --cacert "$CA_FILE" --cert old.crt --key my-app.key "$(pick infoUrl < info.json)"',
    ];

    const { code, stdout, stderr } = await paste(shell, [...lines, ...look]);

    expect(stderr).not.toMatch(/line \d+ failed/);
    expect(code).toBe(0);
    const [first, second, ...rest] = stdout.trim().split('\n').slice(-3);
    expect(first).toMatch(/^serial=\w{16}/);
    expect(second).toMatch(/^serial=\w{16}/);
    expect(second).not.toBe(first);
    expect(rest.join('')).toContain('"reason":"certificate-revoked"');
  });

  it.each(['my app', 'a  b c', '(tricky) $name'])(
    'works for an application named %s',
    async (name) => {
      const lines = (await tutorialLines()).map((line) =>
        line.replace('token create my-app', () => `token create '${name}'`),
      );
      const look = 'openssl x509 -noout -subject -nameopt multiline,-align,sname -in my-app.crt';

      const { stdout, stderr } = await paste('bash', [...lines, look]);

      expect(stderr).not.toMatch(/line \d+ failed/);
      expect(stdout).toContain(`CN = ${name}\n`);
    },
  );
});

describe("the source document's own curl line", () => {
  const unquoted = `'{"csr":"'$(cat renewal.csr | base64)'"}'`;
  const quoted = `'{"csr":"'"$(cat renewal.csr | base64)"'"}'`;
  let folder: string;
  let application: Application;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'everleaf-tutorial-'));
    application = await pairApplication({ gateway, folder, name: 'my-app', key: 'rsa' });
    const { certFile, keyFile } = application;
    const subject = await outputOf([
      'sh',
      '-c',
      `openssl x509 -noout -subject -nameopt compat -in '${certFile}' | sed 's/^subject= *//'`,
    ]);
    const out = join(folder, 'renewal.csr');
    await outputOf(['openssl', 'req', '-new', '-key', keyFile, '-subj', subject, '-out', out]);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Sends it with a `base64` that wraps as GNU's does, or writes one line as that of macOS does. */
  async function send(input: { shell: string; body: string; base64: string }): Promise<string> {
    const tool = join(folder, 'base64');
    await writeFile(tool, `#!/bin/sh\nexec ${input.base64}\n`, { mode: 0o755 });
    const url = `${gateway.gatewayUrl}/v1/applications/certificates/renewals`;
    const trust = `--cacert '${gateway.caFile}'`;
    const line = `curl -q -s -X POST ${url} -d ${input.body} --cert app.crt --key app.key ${trust}`;
    const path = `${folder}:${process.env['PATH'] ?? ''}`;
    const env = { ...gateway.environment, PATH: path };
    try {
      return (await run([input.shell, '-c', line], { cwd: folder, env })).stdout;
    } finally {
      await unlink(tool);
    }
  }

  const wrapping = 'openssl base64';
  const oneLine = 'openssl base64 -A';

  it.each(shells)('renews from %s where base64 writes one line', async (shell) => {
    expect(await send({ shell, body: unquoted, base64: oneLine })).toMatch(/^\{"crt":"LS0/);
  });

  it.each(shells)('renews from %s with wrapped base64 in quotes', async (shell) => {
    expect(await send({ shell, body: quoted, base64: wrapping })).toMatch(/^\{"crt":"LS0/);
  });

  it.each(shells)('learns from %s how to switch wrapping off', async (shell) => {
    const answer = await send({ shell, body: unquoted, base64: wrapping });

    expect(answer).toMatch(/^\{"code":400,.*base64 -w0.*"reason":"json-cut-off"/);
  });
});
