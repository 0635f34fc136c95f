import { describe, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../support/run.js';

describe('the benchmark', () => {
  it('prints every figure with what it has to reach, and leaves nothing behind', async () => {
    const { code, stdout, stderr, left } = await runBench('--tiny');
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^\d+ x .+, (linux|darwin)\nNode v\d+.+, OpenSSL \d/);
    for (const name of ['RSA 2048', 'P-256']) {
      expect(stdout).toContain(`\n${name}: this machine's own figures\n`);
      expect(stdout).toContain(`\n${name}: ratios\n`);
    }
    expect(
      stdout.match(/kept alive, 16 in flight, against sign \+ verify +\d+\.\d\d x/g),
    ).toHaveLength(2);
    expect(stdout).toMatch(/at most 2\.40 x[^]*at most 7\.00 x/);
    expect(stdout).toMatch(/memory under load, peak +\d+ MB +at most 160 MB/);
    expect(stdout).toMatch(
      /Revocation list of 1000 entries[^]*CPU an entry +\d+ ns +at most 1000 ns/,
    );
    expect(stdout).toMatch(/Renewal of 2 service users[^]*RSA 3072: a user, CPU +\d+/);
    expect(stdout).toMatch(/Console, 1000 certificates[^]*overview +[\d.]+ ms +at most 200\.0 ms/);
    expect(stdout).not.toContain('NaN');
    expect(left).toEqual([]);
  }, 120_000);

  it('fails with the reason when there is no gateway to measure', async () => {
    const { code, stderr, left } = await runBench('--tiny', '--dist', '/nowhere');
    expect(code).toBe(1);
    expect(stderr).toContain('the gateway did not start');
    expect(left).toEqual([]);
  }, 30_000);

  it('answers an unknown option with its usage', async () => {
    const { code, stdout, stderr } = await runBench('--fast');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('npm run bench -- [--quick | --tiny] [--dist FOLDER]');
  });
});

/** Runs it with a folder of its own for temporary files, and tells what is left in there. */
async function runBench(...words: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'everleaf-'));
  const script = ['--import', 'tsx', 'scripts/bench/main.ts'];
  const ended = await run([process.execPath, ...script, ...words], {
    env: { ...process.env, TMPDIR: folder },
  });
  const left = readdirSync(folder).filter((name) => name.startsWith('everleaf'));
  rmSync(folder, { recursive: true });
  return { ...ended, left };
}
