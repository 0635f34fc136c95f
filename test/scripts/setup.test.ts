import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { cp, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Ended } from '../support/run.js';
import { outputOf, run } from '../support/run.js';

let checkout: string;
let tools: string;

beforeEach(async () => {
  checkout = await mkdtemp(join(tmpdir(), 'everleaf-setup-'));
  tools = join(checkout, 'bin');
  await mkdir(tools);
  await mkdir(join(checkout, 'scripts'));
  await mkdir(join(checkout, 'src'));
  await cp('scripts/setup.sh', join(checkout, 'scripts/setup.sh'));
  for (const name of ['package.json', 'package-lock.json', 'tsconfig.json', '.tsconfig.build.json'])
    await cp(resolve(name), join(checkout, name));
  // Writes down what it is asked to do, and does what later steps look at.
  await command(
    'npm',
    'echo "npm $*"; [ "$1" != ci ] || { mkdir -p node_modules && echo {} >node_modules/.package-lock.json; }',
  );
});
afterEach(() => rm(checkout, { recursive: true, force: true }));

async function command(name: string, script: string): Promise<void> {
  await writeFile(join(tools, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

function setup(...words: readonly string[]): Promise<Ended> {
  const env = { ...process.env, PATH: `${tools}:${process.env['PATH'] ?? ''}` };
  return run(['sh', join(checkout, 'scripts/setup.sh'), ...words], { env });
}

const install = 'npm ci --include=dev --no-audit --no-fund --loglevel=error\n';
const build = 'npm run -s build\n';

/** Makes a file look as if it had been saved a minute from now. */
async function touchLater(name: string): Promise<void> {
  const later = Date.now() / 1000 + 60;
  await utimes(join(checkout, name), later, later);
}

describe('setup.sh', () => {
  it('installs and compiles once, then has nothing to do', async () => {
    const first = await setup();
    const second = await setup();

    expect(first).toMatchObject({ code: 0, stderr: install + build });
    expect(first.stdout).toMatch(/^setup: installing .*\nsetup: compiling .*\n$/);
    expect(second).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('compiles anew when a source has been saved', async () => {
    await setup();
    await writeFile(join(checkout, 'src/new.ts'), '');
    await touchLater('src/new.ts');

    expect(await setup()).toMatchObject({ code: 0, stderr: build });
  });

  it('installs anew when the lock file has changed', async () => {
    await setup();
    await touchLater('package-lock.json');

    expect((await setup('--packages')).stderr).toBe(install);
  });

  it('rebuilds native packages for another Node.js', async () => {
    await setup();
    await writeFile(join(checkout, 'node_modules/.everleaf-node'), '1\n');

    expect((await setup('--packages')).stderr).toBe('npm rebuild --loglevel=error\n');
    expect(await setup('--packages')).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('installs nothing through a link, since npm would empty what is behind it', async () => {
    const elsewhere = join(checkout, 'elsewhere');
    await mkdir(elsewhere);
    await symlink(elsewhere, join(checkout, 'node_modules'));

    expect(await setup('--packages')).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('says in one sentence that Node.js is too old', async () => {
    await command('node', '[ "$1" = --version ] && echo v18.20.0; exit 1');

    expect(await setup()).toEqual({
      code: 1,
      stdout: '',
      stderr: 'setup: Node.js 20.19 or newer is needed; this is v18.20.0.\n',
    });
  });

  it('says in one sentence that Node.js is missing', async () => {
    await rm(tools, { recursive: true });
    await mkdir(tools);
    await symlink(await outputOf(['sh', '-c', 'command -v dirname']), join(tools, 'dirname'));

    const { code, stderr } = await run(['/bin/sh', join(checkout, 'scripts/setup.sh')], {
      env: { PATH: tools },
    });

    expect(code).toBe(1);
    expect(stderr).toMatch(/^setup: Node\.js 20\.19 or newer is needed; .*\n$/);
  });

  it.each([
    ['packages', 'ci', 'npm ci failed'],
    ['compiler', 'run', 'the sources do not compile'],
  ])('fails when the %s fails', async (_what, step, words) => {
    await command(
      'npm',
      `[ "$1" != ${step} ] || exit 1; mkdir -p node_modules; echo {} >node_modules/.package-lock.json`,
    );

    expect(await setup()).toMatchObject({ code: 1, stderr: expect.stringContaining(words) });
    expect(await setup()).toMatchObject({ code: 1, stderr: expect.stringContaining(words) });
  });
});
