import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { makeProgram } from '../../src/cli/program.js';
import { connectorDialect } from '../../src/connector/failures.js';
import type { FailureKind } from '../../src/failure.js';
import { failureKinds } from '../../src/failure.js';

const readme = readFileSync('README.md', 'utf8');

/** Rows of the table whose header begins with `first`, cell by cell. */
function tableRows(first: string): readonly (readonly string[])[] {
  const [, ...lines] = readme.slice(readme.indexOf(`\n| ${first} `) + 1).split('\n');
  const end = lines.findIndex((line) => !line.startsWith('|'));
  return lines.slice(1, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

describe('README.md', () => {
  it('has every reason word with its status and meaning, and no other', () => {
    const kinds = Object.keys(failureKinds) as FailureKind[];
    const expected = kinds.map((kind) => [
      `\`${kind}\``,
      String(connectorDialect.statuses[kind]),
      failureKinds[kind],
    ]);
    expect(tableRows('reason')).toEqual(expected);
  });

  it('has every setting of src/config.ts, and no other', () => {
    const settings = readFileSync('src/config.ts', 'utf8').match(/^ {2}EVERLEAF_\w+(?=:)/gm) ?? [];
    const named = tableRows('variable').map(([cell]) => cell?.replaceAll('`', ''));
    expect(settings.length).toBeGreaterThan(20);
    expect(named.sort()).toEqual(settings.map((name) => name.trim()).sort());
  });

  it('names no setting that does not exist', () => {
    const named = new Set(readme.match(/EVERLEAF_\w+/g));
    const known = new Set(tableRows('variable').map(([cell]) => cell?.replaceAll('`', '')));
    // The address that scripts/renew.sh reads.
    known.add('EVERLEAF_GATEWAY');
    expect([...named].filter((name) => !known.has(name))).toEqual([]);
  });

  it('has every command', () => {
    const program = makeProgram({
      version: '',
      openContext: () => {
        throw new Error('no command runs here');
      },
      serve: () => Promise.resolve(),
    });
    const commands = program.commands.flatMap((group) => [
      ...(group.commands.length === 0 ? [group.name()] : []),
      ...group.commands.map((command) => `${group.name()} ${command.name()}`),
    ]);
    const named = tableRows('command').map(([cell]) =>
      cell?.replace(/`([a-z -]+?)( [A-Z]+)?`/, '$1'),
    );
    expect(named).toEqual(commands);
  });

  it('has every metric of the gateway', () => {
    const metrics = readFileSync('src/http/metrics.ts', 'utf8').match(/(?<=name: ')everleaf_\w+/g);
    const named = tableRows('metric').map(([cell]) => cell?.replaceAll('`', ''));
    expect(named).toEqual(metrics);
  });
});
