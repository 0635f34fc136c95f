import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withoutSettings } from '../support/gateway-process.js';
import { run } from '../support/run.js';

/** A folder for everything that the run makes, so that a test sees what it leaves behind. */
async function inOwnFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'everleaf-quickstart-test-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const call = ['scripts/quickstart.sh'] as const;

describe('quickstart.sh', () => {
  it('shows a certificate and its successor side by side, and leaves nothing behind', async () => {
    await inOwnFolder(async (folder) => {
      const env = { ...withoutSettings(process.env), TMPDIR: folder };

      const { code, stdout, stderr } = await run(['sh', ...call], { env });

      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const [, first, renewed] = /serial number +([0-9a-f]+) +([0-9a-f]+)/.exec(stdout) ?? [];
      expect(first).toMatch(/^[0-9a-f]{16,}$/);
      expect(renewed).toMatch(/^[0-9a-f]{16,}$/);
      expect(renewed).not.toBe(first);
      expect(stdout).toMatch(/subject +\S.*\n.*CN=my-app.*CN=my-app/);
      expect(stdout).toMatch(/valid until +\w.* GMT +\w.* GMT/);
      expect(stdout).toMatch(/issued by +.*Everleaf CA/);
      expect(stdout).toContain('npm start');
      expect(await readdir(folder)).toEqual([]);
    });
  });

  it('uses none of the settings of the shell', async () => {
    await inOwnFolder(async (folder) => {
      const env = {
        ...process.env,
        TMPDIR: folder,
        EVERLEAF_HOME: join(folder, 'untouched'),
        EVERLEAF_NONSENSE: '1',
      };

      expect(await run(['sh', ...call], { env })).toMatchObject({ code: 0 });
      expect(await readdir(folder)).toEqual([]);
    });
  });

  it('says what is missing', async () => {
    await inOwnFolder(async (folder) => {
      const tools = join(folder, 'bin');
      await mkdir(tools);
      for (const tool of ['sh', 'dirname']) await symlink(`/usr/bin/${tool}`, join(tools, tool));

      const { code, stderr } = await run(['/bin/sh', ...call], { env: { PATH: tools } });

      expect(code).toBe(1);
      expect(stderr).toContain('openssl is needed');
    });
  });

  it('cleans up when it is interrupted', async () => {
    await inOwnFolder(async (folder) => {
      const env = { ...withoutSettings(process.env), TMPDIR: folder };
      const child = spawn('sh', call, { env, stdio: ['ignore', 'pipe', 'ignore'] });
      const exited = once(child, 'exit');
      child.stdout.on('data', (chunk: Buffer) => {
        if (chunk.toString().includes('runs on https')) child.kill('SIGINT');
      });
      const [code] = await exited;

      expect(code).toBe(130);
      expect(await readdir(folder)).toEqual([]);
    });
  });
});
