import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const checkout = resolve('.');
const ruleFile = '.dependency-cruiser.cjs';

/** One line per broken rule: `rule: from -> to`, as .dependency-cruiser.cjs names them. */
async function brokenRules(folder: string): Promise<readonly string[]> {
  const tool = join(checkout, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const call = [tool, '--config', ruleFile, '--output-type', 'json', 'src'];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, call, {
    cwd: folder,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (stderr !== '') throw new Error(stderr);
  const { summary } = JSON.parse(stdout) as {
    summary: { violations: { rule: { name: string }; from: string; to: string }[] };
  };
  return summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`);
}

/** Files and folders whose names say nothing about what they do. */
async function emptyNames(folder: string): Promise<readonly string[]> {
  const entries = await readdir(join(folder, 'src'), { recursive: true });
  return entries.filter((path) =>
    /(^|\/)(index\.[cm]?tsx?|(utils?|common|helpers?|shared|core|libs?)(\.ts)?)$/.test(path),
  );
}

const breaches = {
  'src/failure.ts': `export const failure = 1;`,
  'src/config.ts': `export type Config = string;`,
  'src/gateway.ts': `import '../test/support/fake.js';\nimport { table } from './cli/table.js';\nexport const gateway = table;`,
  'src/cli/table.ts': `export const table = 1;`,
  'src/pki/names.ts': `import type { Issue } from '../authority/issue.js';\nexport type Name = Issue;`,
  'src/pki/keys.ts': `import { failure } from '../failure.js';\nexport const key = failure;`,
  'src/authority/issue.ts': `import { key } from '../pki/keys.js';\nexport type Issue = typeof key;`,
  'src/http/errors.ts': `import { renew } from '../connector/renew.js';\nexport const error = renew;`,
  'src/connector/renew.ts': `import type { Config } from '../config.js';\nexport const renew: Config = '';`,
  'src/connector/routes.ts': `import { gateway } from '../gateway.js';\nimport { table } from '../cli/table.js';\nexport const routes = [gateway, table];`,
  'src/storage/one.ts': `import type { Two } from './two.js';\nexport type One = Two | 1;`,
  'src/storage/two.ts': `import type { One } from './one.js';\nexport type Two = One | 2;`,
  'src/cellar/wine.ts': `import { failure } from '../failure.js';\nexport const wine = failure;`,
  'src/people/index.ts': `export * from './helpers/role.js';`,
  'src/people/helpers/role.ts': `import { run } from 'jest';\nexport const role = run;`,
  'test/support/fake.ts': `export const fake = 1;`,
};

describe('the house', () => {
  it('imports only what the rules allow', async () => {
    expect(await brokenRules(checkout)).toEqual([]);
  });

  it('has no barrel and no folder named after nothing', async () => {
    expect(await emptyNames(checkout)).toEqual([]);
  });
});

describe('the rules, on a tree that breaks them', () => {
  let folder: string;
  let found: readonly string[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'everleaf-rules-'));
    for (const [path, text] of Object.entries(breaches)) {
      await mkdir(join(folder, dirname(path)), { recursive: true });
      await writeFile(join(folder, path), `${text}\n`);
    }
    for (const path of [ruleFile, 'package.json', 'tsconfig.json']) {
      await cp(join(checkout, path), join(folder, path));
    }
    await symlink(join(checkout, 'node_modules'), join(folder, 'node_modules'));
    found = await brokenRules(folder);
  });

  afterAll(async () => rm(folder, { recursive: true, force: true }));

  it.each([
    ['a type import against the rows', 'room-pki: src/pki/names.ts -> src/authority/issue.ts'],
    ['http knowing a feature', 'room-http: src/http/errors.ts -> src/connector/renew.ts'],
    [
      'a room that reads the configuration',
      'config-at-the-top: src/connector/renew.ts -> src/config.ts',
    ],
    [
      'a room that imports the gateway',
      'top-is-not-imported: src/connector/routes.ts -> src/gateway.ts',
    ],
    [
      'a room that imports a command',
      'top-is-not-imported: src/connector/routes.ts -> src/cli/table.ts',
    ],
    [
      'a gateway that knows a command',
      'commands-are-not-imported: src/gateway.ts -> src/cli/table.ts',
    ],
    ['a room without a row', 'room-unknown: src/cellar/wine.ts -> src/failure.ts'],
    ['a test in the product', 'no-test-in-src: src/gateway.ts -> test/support/fake.ts'],
  ])('find %s', (_what, breach) => {
    expect(found).toContain(breach);
  });

  it('find a cycle of types', () => {
    expect(found.some((line) => line.startsWith('no-cycle: src/storage/'))).toBe(true);
  });

  it('find a development package in the product', () => {
    const start = 'no-development-package-in-src: src/people/helpers/role.ts -> ';
    expect(found.some((line) => line.startsWith(start))).toBe(true);
  });

  it('leave what is allowed alone', () => {
    expect(found.filter((line) => /src\/(pki\/keys|authority\/issue)\.ts ->/.test(line))).toEqual(
      [],
    );
  });

  it('find barrels and empty names', async () => {
    expect([...(await emptyNames(folder))].sort()).toEqual(['people/helpers', 'people/index.ts']);
  });
});
