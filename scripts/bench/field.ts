import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { callTls, keptAlive } from './exchange.js';
import { enrol, enrolFleet, makeKey } from './fleet.js';
import type { Identity } from './fleet.js';
import { startFloor } from './floor.js';
import type { FloorProcess } from './floor.js';
import { startGatewayServer } from './gateway-server.js';
import type { KeyType } from './gateway-server.js';
import { startCfssl, startConstant, startHandshakes } from './neighbours.js';
import type { Neighbour } from './neighbours.js';
import { renew } from './renewals.js';
import type { Station } from './renewals.js';

/** How much is sent. */
export interface Size {
  readonly warmUp: number;
  readonly rounds: number;
  readonly perRun: number;
  readonly fleet: number;
}

/** The servers that are compared, all of them on the measured core and idle unless they are asked. */
export interface Field {
  readonly keyType: KeyType;
  readonly station: Station;
  /** The same gateway, but SQLite does not wait for the disk. */
  readonly unsynchronised: Station;
  readonly constant: Neighbour;
  readonly handshakes: Neighbour;
  readonly cfssl: Neighbour | undefined;
  readonly floor: FloorProcess;
  readonly revoked: Identity;
}

/** Starts the servers for one type of key, and warms the gateways up. */
export async function openField(input: {
  readonly folder: string;
  readonly dist: string;
  readonly keyType: KeyType;
  readonly size: Size;
}): Promise<Field> {
  const { dist, keyType, size } = input;
  const folder = join(input.folder, keyType);
  mkdirSync(folder);
  const preload = [new URL('./without-sync.mjs', import.meta.url).href];
  const gateway = { dist, keyType, size };
  const station = await openStation({ ...gateway, home: join(folder, 'home') });
  const unsynchronised = await openStation({ ...gateway, home: join(folder, 'unsynced'), preload });
  const identity = await enrol(station.server, { name: 'server', key: makeKey('ec-p256') });
  const files = { folder, ca: station.server.ca, identity };
  return {
    keyType,
    station,
    unsynchronised,
    constant: await startConstant(files, 4_000),
    handshakes: await startHandshakes(files),
    cfssl: await startCfssl(folder, keyType),
    floor: startFloor(),
    revoked: await revokedIdentity(station, keyType),
  };
}

/** A gateway with its fleet, warm. */
export async function openStation(
  input: Parameters<typeof startGatewayServer>[0] & { readonly size: Size },
): Promise<Station> {
  const { keyType, size } = input;
  const server = await startGatewayServer(input);
  const station = { server, fleet: await enrolFleet({ server, keyType, size: size.fleet }) };
  await warmUp(station, size);
  return station;
}

/** So many renewals that the compiler has settled. */
export async function warmUp(station: Station, { warmUp: count }: Size): Promise<void> {
  await renew(station, { count, inFlight: 16, connections: 'kept alive' });
}

async function revokedIdentity({ server }: Station, keyType: KeyType): Promise<Identity> {
  const identity = await enrol(server, { name: 'revoked', key: makeKey(keyType) });
  const agent = keptAlive();
  const path = '/v1/applications/certificates/revocations';
  await callTls({ port: server.port, path, agent, secureContext: identity.secureContext });
  agent.destroy();
  return identity;
}
