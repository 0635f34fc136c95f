import { Agent } from 'node:http';
import { callPlain, callTls, keptAlive, shakeHands } from './exchange.js';
import type { Field, Size } from './field.js';
import { renewal, subjectOf } from './fleet.js';
import type { Identity } from './fleet.js';
import type { Floor } from './floor.js';
import { drive } from './load.js';
import type { Run } from './load.js';
import { refuse, refuseRevoked, renew } from './renewals.js';
import { makeRequest, renewalBody } from './requests.js';

/** One round of every run, one after the other. */
export interface Round {
  readonly floor: Floor;
  readonly kept16: Run;
  readonly unsynchronised: Run;
  readonly constant: Run;
  readonly cfssl: Run | undefined;
  readonly kept1: Run;
  readonly fresh16: Run;
  readonly handshake: Run;
  readonly fresh1: Run;
  readonly badJson: Run;
  readonly wrongSubject: Run;
  /** CPU microseconds a request, the handshake taken off. */
  readonly revoked: number;
}

/** Every run once. What is compared with each other runs close together. */
export async function measureRound(field: Field, { perRun: count }: Size): Promise<Round> {
  const { station, unsynchronised, floor, revoked, keyType } = field;
  const few = Math.ceil(count / 3);
  const kept = { connections: 'kept alive' as const };
  const fresh = { connections: 'fresh' as const };
  return {
    floor: await floor.measure({ keyType, count }),
    kept16: await renew(station, { ...kept, count, inFlight: 16 }),
    unsynchronised: await renew(unsynchronised, { ...kept, count, inFlight: 16 }),
    constant: await driveConstant(field, count),
    cfssl: await driveCfssl(field, count),
    kept1: await renew(station, { ...kept, count: few, inFlight: 1 }),
    fresh16: await renew(station, { ...fresh, count: few, inFlight: 16 }),
    handshake: await driveHandshakes(field, few),
    fresh1: await renew(station, { ...fresh, count: few, inFlight: 1 }),
    badJson: await refuse(station, { count: few, status: 400, bodyFor: () => '{"csr": ' }),
    wrongSubject: await refuse(station, { count: few, status: 400, bodyFor: withWrongSubject }),
    revoked: await refuseRevoked(station, { identity: revoked, count: Math.min(few, 80) }),
  };
}

/** Correctly signed, and for somebody else. */
function withWrongSubject({ key }: Identity): string {
  const subject = subjectOf('somebody-else');
  return renewalBody(makeRequest({ key, subject }));
}

function driveConstant({ constant, station }: Field, count: number) {
  const { pid, port } = constant;
  const agents = Array.from({ length: 16 }, keptAlive);
  const [identity] = station.fleet.identities;
  if (!identity) throw new Error('a fleet without identities');
  const { secureContext } = identity;
  const body = renewalBody(makeRequest(identity));
  const { path } = renewal(station.server);
  const send = async (index: number): Promise<void> => {
    const agent = agents[index % agents.length] ?? keptAlive();
    const rejectUnauthorized = false; // it shows a client's certificate
    await callTls({ port, path, agent, secureContext, rejectUnauthorized, body });
  };
  return drive({ pid, count, inFlight: 16, send });
}

async function driveCfssl({ cfssl, station }: Field, count: number) {
  if (!cfssl) return undefined;
  const { pid, port } = cfssl;
  const { identities } = station.fleet;
  const bodies = Array.from({ length: count }, (_, index) => {
    const identity = identities[index % identities.length];
    if (!identity) throw new Error('a fleet without identities');
    return JSON.stringify({ certificate_request: makeRequest(identity) });
  });
  const agent = new Agent({ keepAlive: true });
  const send = async (index: number): Promise<void> => {
    const body = bodies[index];
    if (body === undefined) throw new Error('more was sent than prepared');
    const { status, body: answer } = await callPlain({
      port,
      path: '/api/v1/cfssl/sign',
      agent,
      body,
    });
    if (status !== 200) throw new Error(`cfssl answered ${status}: ${answer.toString()}`);
  };
  const run = await drive({ pid, count, inFlight: 16, send });
  agent.destroy();
  return run;
}

function driveHandshakes({ handshakes, station }: Field, count: number) {
  const { pid, port } = handshakes;
  const { identities } = station.fleet;
  const send = async (index: number): Promise<void> => {
    const identity = identities[index % identities.length];
    if (identity) await shakeHands({ port, secureContext: identity.secureContext });
  };
  return drive({ pid, count, inFlight: 4, send });
}
