import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { consoleFigures, measureConsole } from './console.js';
import { measureSync } from './disk.js';
import { openField } from './field.js';
import type { Field, Size } from './field.js';
import { absolutes, lasting, ratios } from './figures.js';
import type { KeyType } from './gateway-server.js';
import { measureGrowth } from './growth.js';
import { stopAll } from './measured-process.js';
import { measureMemory } from './memory.js';
import { pinGenerator } from './pinning.js';
import { measureRenewalPass, renewalPassFigures } from './renewal-pass.js';
import type { PassOrder } from './renewal-pass.js';
import { measureRevocationList, revocationListFigures } from './revocation-list.js';
import { measureRound } from './round.js';
import type { Round } from './round.js';
import { formatTable } from './table.js';

const usage = `npm run bench -- [--quick | --tiny] [--dist FOLDER]
  --quick   a first impression within a minute: few runs, no growth
  --tiny    only whether it works: too little is sent for the figures to mean anything
  --dist    another build to measure, to compare two of them (default: dist)
`;

type BenchSize = Size & {
  readonly samples: number;
  readonly list: { readonly entries: number; readonly runs: number };
  /** Certificates on record when pages of the console are asked for. */
  readonly pages: number;
  /** Service users that are due at once. */
  readonly due: Readonly<Record<PassOrder['keyType'], number>>;
};

const sizes: Readonly<Record<'whole' | 'quick' | 'tiny', BenchSize>> = {
  whole: {
    warmUp: 3000,
    rounds: 5,
    perRun: 1000,
    fleet: 512,
    samples: 16,
    list: { entries: 100_000, runs: 9 },
    pages: 100_000,
    due: { 'ec-p256': 10_000, 'rsa-3072': 100 },
  },
  quick: {
    warmUp: 600,
    rounds: 1,
    perRun: 300,
    fleet: 128,
    samples: 4,
    list: { entries: 100_000, runs: 3 },
    pages: 100_000,
    due: { 'ec-p256': 1000, 'rsa-3072': 20 },
  },
  tiny: {
    warmUp: 8,
    rounds: 1,
    perRun: 8,
    fleet: 8,
    samples: 4,
    list: { entries: 1000, runs: 1 },
    pages: 1000,
    due: { 'ec-p256': 10, 'rsa-3072': 2 },
  },
};

const options = readOptions();
if (options === undefined) process.exitCode = 2;
else await measure(options);

async function measure({ size, dist }: { size: BenchSize; dist: string }): Promise<void> {
  const isPinned = pinGenerator();
  const folder = mkdtempSync(join(tmpdir(), 'everleaf-bench-'));
  const cleanUp = async (): Promise<void> => {
    await stopAll();
    rmSync(folder, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void cleanUp().then(() => process.exit(1)));
  }
  try {
    console.log(describeMachine(folder, isPinned));
    const rsa = await openAndMeasure({ folder, dist, size, keyType: 'rsa-2048' });
    await rsa.close();
    const ec = await openAndMeasure({ folder, dist, size, keyType: 'ec-p256' });
    say('memory under load');
    const memory = await measureMemory(ec.field.station, size);
    await ec.close();
    say('revocation list');
    const lists = await measureRevocationList({ folder, ...size.list });
    const { entries } = size.list;
    const heading = `Revocation list of ${entries} entries (P-256, SQLite)`;
    console.log(formatTable(heading, revocationListFigures(entries, lists)));
    await measurePasses(folder, size);
    say('console');
    const pages = await measureConsole({ folder, dist, size, certificates: size.pages });
    console.log(
      formatTable(`Console, ${size.pages} certificates on record`, consoleFigures(pages)),
    );
    const isWhole = size === sizes.whole;
    if (isWhole) say('growth: filling a record with 1 million certificates');
    const growth = isWhole
      ? await measureGrowth({ folder, dist, size, few: 10_000, many: 1_000_000 })
      : undefined;
    console.log(formatTable('Growth and memory (P-256)', lasting(growth, memory)));
  } finally {
    await cleanUp();
  }
}

/** The periodic renewal of service users, by type of key, and its tables. */
async function measurePasses(folder: string, { due }: BenchSize): Promise<void> {
  for (const keyType of ['ec-p256', 'rsa-3072'] as const) {
    const users = due[keyType];
    say(`${keyType}: renewing ${users} service users`);
    const order = { folder, keyType, users };
    const run = await measureRenewalPass(order);
    const heading = `Renewal of ${users} service users that are due at once (SQLite)`;
    console.log(formatTable(heading, renewalPassFigures(order, run)));
  }
}

/** Undefined, with the usage on standard error, for options that there are not. */
function readOptions(): { size: BenchSize; dist: string } | undefined {
  try {
    const { values } = parseArgs({
      options: {
        quick: { type: 'boolean', default: false },
        tiny: { type: 'boolean', default: false },
        dist: { type: 'string', default: 'dist' },
      },
    });
    const size = sizes[values.tiny ? 'tiny' : values.quick ? 'quick' : 'whole'];
    return { size, dist: resolve(values.dist) };
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return undefined;
  }
}

/** All runs of one type of key, in turns, and their tables. */
async function openAndMeasure(input: {
  folder: string;
  dist: string;
  size: Size;
  keyType: KeyType;
}): Promise<{ field: Field; close: () => Promise<void> }> {
  const { keyType, size } = input;
  say(`${keyType}: starting and warming up`);
  const field = await openField(input);
  // The first round warms up what is not a gateway, and is not counted.
  await measureRound(field, { ...size, perRun: Math.ceil(size.perRun / 4) });
  const rounds: Round[] = [];
  for (let round = 1; round <= size.rounds; round += 1) {
    say(`${keyType}: round ${round} of ${size.rounds}`);
    rounds.push(await measureRound(field, size));
  }
  const name = keyType === 'rsa-2048' ? 'RSA 2048' : 'P-256';
  console.log(formatTable(`${name}: this machine's own figures`, absolutes(rounds)));
  console.log(formatTable(`${name}: ratios`, ratios(keyType, rounds)));
  const close = async (): Promise<void> => {
    field.floor.stop();
    await stopAll();
  };
  return { field, close };
}

function describeMachine(folder: string, isPinned: boolean): string {
  const { length, 0: first } = cpus();
  return [
    `${length} x ${first?.model ?? 'unknown processor'}, ${process.platform}`,
    `Node ${process.version}, OpenSSL ${process.versions.openssl}`,
    `SQLite with durable commits in ${folder}: a sync there takes ${measureSync(folder).toFixed(2)} ms`,
    isPinned
      ? 'Server on core 0, generator on core 1; CPU is that of the server process, all threads.'
      : 'Not pinned (no taskset or one core): expect more noise. CPU is that of the server process.',
    'Ratios are to be compared between machines, the figures themselves are not.',
  ].join('\n');
}

function say(what: string): void {
  process.stderr.write(`bench: ${what}\n`);
}
