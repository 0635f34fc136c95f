import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openStation, warmUp } from './field.js';
import type { Size } from './field.js';
import { startGatewayServer } from './gateway-server.js';
import { growRecord } from './grow.js';
import { median } from './load.js';
import { renew } from './renewals.js';
import type { Station } from './renewals.js';

/** CPU microseconds a renewal with few and with many certificates on record, and the ratio of each round. */
export interface Growth {
  readonly few: number;
  readonly many: number;
  readonly ratio: number;
}

interface Order {
  readonly folder: string;
  readonly dist: string;
  readonly size: Size;
  readonly few: number;
  readonly many: number;
}

/** Renewals on two gateways whose records differ in length alone, in turns. */
export async function measureGrowth({ few, many, ...input }: Order): Promise<Growth> {
  const smaller = await openGrown(input, few);
  const larger = await openGrown(input, many);
  const rounds: { few: number; many: number }[] = [];
  for (let round = 0; round < input.size.rounds; round += 1) {
    rounds.push({ few: await cost(smaller, input.size), many: await cost(larger, input.size) });
  }
  await smaller.server.stop();
  await larger.server.stop();
  return {
    few: median(rounds.map((round) => round.few)),
    many: median(rounds.map((round) => round.many)),
    ratio: median(rounds.map((round) => round.many / round.few)),
  };
}

/** The rows are written while the gateway is down; then it starts on them and is warmed up again. */
async function openGrown(
  { folder, dist, size }: Omit<Order, 'few' | 'many'>,
  count: number,
): Promise<Station> {
  mkdirSync(join(folder, 'growth'), { recursive: true });
  const gateway = {
    dist,
    keyType: 'ec-p256',
    home: join(folder, 'growth', String(count)),
  } as const;
  const { server, fleet } = await openStation({ ...gateway, size: { ...size, warmUp: 64 } });
  await server.stop();
  growRecord(gateway.home, count);
  const station = { server: await startGatewayServer(gateway), fleet };
  await warmUp(station, size);
  return station;
}

async function cost(station: Station, { perRun }: Size): Promise<number> {
  const load = { count: perRun, inFlight: 16, connections: 'kept alive' } as const;
  return (await renew(station, load)).micros;
}
