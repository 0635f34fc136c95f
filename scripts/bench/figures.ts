import type { KeyType } from './gateway-server.js';
import type { Growth } from './growth.js';
import { median } from './load.js';
import type { Memory } from './memory.js';
import type { Round } from './round.js';

/** A line of the table: what was measured, and what it has to be where there is a target. */
export interface Figure {
  readonly name: string;
  readonly value: number | undefined;
  readonly unit: 'x' | 'ns' | 'us' | '/s' | 'ms' | 'MB' | '%';
  readonly atMost?: number;
  readonly atLeast?: number;
}

interface Targets {
  readonly kept: number;
  readonly cfssl: number;
  readonly issue: number;
}

const targets: Readonly<Record<KeyType, Targets>> = {
  'rsa-2048': { kept: 2.4, cfssl: 1.8, issue: 1.5 },
  'ec-p256': { kept: 7, cfssl: 0.5, issue: 4.2 },
};

/** Medians of figures that do not travel to other machines. */
export function absolutes(rounds: readonly Round[]): Figure[] {
  const figure = (
    name: string,
    unit: Figure['unit'],
    of: (round: Round) => number | undefined,
  ) => ({
    name,
    unit,
    value: medianOf(rounds, of),
  });
  return [
    figure('sign a certificate', 'us', ({ floor }) => floor.sign),
    figure('verify a request', 'us', ({ floor }) => floor.verify),
    figure(
      'full mutual-TLS handshake, openssl s_server',
      'us',
      ({ handshake }) => handshake.micros,
    ),
    figure('constant answer over kept-alive HTTPS, CPU', 'us', ({ constant }) => constant.micros),
    figure('  the most that the generator sends', '/s', ({ constant }) => constant.perSecond),
    figure('cfssl over plain HTTP, CPU', 'us', ({ cfssl }) => cfssl?.micros),
    figure('issuing alone, PEM in, DER out, CPU', 'us', ({ floor }) => floor.issue),
    ...runFigures(rounds, 'renewal, kept alive, 16 in flight', ({ kept16 }) => kept16),
    ...runFigures(rounds, 'renewal, kept alive, 1 in flight', ({ kept1 }) => kept1),
    ...runFigures(rounds, 'renewal, fresh connection, 16 in flight', ({ fresh16 }) => fresh16),
    ...runFigures(rounds, 'renewal, fresh connection, 1 in flight', ({ fresh1 }) => fresh1),
  ];
}

/** Ratios of each round, then their medians: what the machine did meanwhile cancels out. */
export function ratios(keyType: KeyType, rounds: readonly Round[]): Figure[] {
  const { kept, cfssl, issue } = targets[keyType];
  const ratio = (
    name: string,
    of: (round: Round) => number | undefined,
    limit: object,
  ): Figure => ({
    name,
    unit: 'x',
    value: medianOf(rounds, of),
    ...limit,
  });
  const crypto = ({ floor }: Round): number => floor.sign + floor.verify;
  return [
    ratio(
      'kept alive, 16 in flight, against sign + verify',
      (round) => round.kept16.micros / crypto(round),
      { atMost: kept },
    ),
    ratio(
      'fresh connection against handshake + sign + verify',
      (round) => round.fresh16.micros / (round.handshake.micros + crypto(round)),
      { atMost: 2 },
    ),
    ratio(
      'certificates per CPU second against cfssl',
      (round) => round.cfssl && round.cfssl.micros / round.kept16.micros,
      { atLeast: cfssl },
    ),
    ratio('issuing alone against sign + verify', (round) => round.floor.issue / crypto(round), {
      atMost: issue,
    }),
    {
      name: 'what waiting for the disk adds, 16 in flight',
      unit: '%',
      value: medianOf(
        rounds,
        ({ kept16, unsynchronised }) => 100 * (kept16.micros / unsynchronised.micros - 1),
      ),
      atMost: 10,
    },
    ...(['badJson', 'wrongSubject'] as const).map((kind) =>
      ratio(
        `refused (${kind === 'badJson' ? 'bad JSON' : 'wrong subject'}) against issued`,
        (round) => round[kind].micros / round.kept16.micros,
        { atMost: 0.4 },
      ),
    ),
    ratio(
      'refused (revoked), without its handshake, against issued',
      (round) => round.revoked / round.kept16.micros,
      { atMost: 0.4 },
    ),
  ];
}

/** What growing and lasting cost. */
export function lasting(growth: Growth | undefined, memory: Memory): Figure[] {
  return [
    {
      name: 'renewal with 10 thousand certificates on record, CPU',
      unit: 'us',
      value: growth?.few,
    },
    { name: 'renewal with 1 million, CPU', unit: 'us', value: growth?.many },
    { name: '1 million against 10 thousand', unit: 'x', value: growth?.ratio, atMost: 1.1 },
    { name: 'memory under load, peak', unit: 'MB', value: memory.peak, atMost: 160 },
    { name: 'memory late against early', unit: 'x', value: memory.growth, atMost: 1.05 },
  ];
}

function runFigures(
  rounds: readonly Round[],
  name: string,
  of: (round: Round) => Round['kept16'],
): Figure[] {
  const figure = (label: string, unit: Figure['unit'], field: keyof Round['kept16']): Figure => ({
    name: label,
    unit,
    value: medianOf(rounds, (round) => of(round)[field]),
  });
  return [
    figure(`${name}, CPU`, 'us', 'micros'),
    figure('  rate', '/s', 'perSecond'),
    figure('  p50', 'ms', 'p50'),
    figure('  p99', 'ms', 'p99'),
  ];
}

/** Undefined where a round has no such figure, since its server is not installed. */
function medianOf(
  rounds: readonly Round[],
  of: (round: Round) => number | undefined,
): number | undefined {
  const values = rounds.map(of).filter((value) => value !== undefined);
  return values.length === 0 ? undefined : median(values);
}
