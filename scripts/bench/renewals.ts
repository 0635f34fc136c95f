import { callTls, fresh, keptAlive, shakeHands } from './exchange.js';
import type { Answer } from './exchange.js';
import { certificateIn, renewal } from './fleet.js';
import type { Fleet, Identity } from './fleet.js';
import type { GatewayServer } from './gateway-server.js';
import { drive } from './load.js';
import type { Run } from './load.js';
import { makeRequest, renewalBody } from './requests.js';

/** A gateway and the holders of its certificates. */
export interface Station {
  readonly server: GatewayServer;
  readonly fleet: Fleet;
}

interface Load {
  readonly count: number;
  readonly inFlight: number;
  readonly connections: 'kept alive' | 'fresh';
}

const squadSize = 64;

/** Renewals of many holders, each answer a 201 and the first one's certificate checked against its key. */
export function renew(station: Station, load: Load): Promise<Run> {
  const bodyFor = (identity: Identity): string => renewalBody(makeRequest(identity));
  return post(station, { ...load, bodyFor, judge: isIssued });
}

/** Requests that are refused with this status, over connections that are kept alive. */
export function refuse(
  station: Station,
  input: { count: number; status: number; bodyFor: (identity: Identity) => string },
): Promise<Run> {
  const { status } = input;
  return post(station, {
    ...input,
    inFlight: 16,
    connections: 'kept alive',
    judge: (answer) => {
      if (answer.status !== status) throw new Error(`${answer.status}: ${answer.body.toString()}`);
    },
  });
}

/** A refusal that closes its connection: what it costs beyond the handshake, which a bare one tells. */
export async function refuseRevoked(
  { server }: Station,
  { identity, count }: { identity: Identity; count: number },
): Promise<number> {
  const { pid, port } = server;
  const { secureContext } = identity;
  const agent = fresh();
  const body = renewalBody(makeRequest(identity));
  const send = async (): Promise<void> => {
    const { status } = await callTls({ ...renewal(server), agent, secureContext, body });
    if (status !== 403) throw new Error(`a revoked certificate was answered ${status}`);
  };
  const refused = await drive({ pid, count, inFlight: 4, send });
  const handshake = () => shakeHands({ port, secureContext });
  const bare = await drive({ pid, count, inFlight: 4, send: handshake });
  return refused.micros - bare.micros;
}

async function post(
  { server, fleet }: Station,
  load: Load & {
    bodyFor: (identity: Identity) => string;
    judge: (answer: Answer, identity: Identity, index: number) => void;
  },
): Promise<Run> {
  const { count, inFlight, connections, bodyFor, judge } = load;
  const isKeptAlive = connections === 'kept alive';
  const size = Math.min(squadSize, count);
  const squad = await fleet.squad(size, Math.ceil(count / size));
  const senders = squad.map((identity) => ({
    identity,
    agent: isKeptAlive ? keptAlive() : fresh(),
  }));
  const orders = Array.from({ length: count }, (_, index) => {
    const sender = senders[index % size];
    if (!sender) throw new Error('a squad without senders');
    return { ...sender, body: bodyFor(sender.identity) };
  });
  if (isKeptAlive) await Promise.all(senders.map((sender) => open(server, sender)));
  const send = async (index: number): Promise<void> => {
    const order = orders[index];
    if (!order) throw new Error('more was sent than prepared');
    const { agent, body, identity } = order;
    const { secureContext } = identity;
    judge(await callTls({ ...renewal(server), agent, secureContext, body }), identity, index);
  };
  const run = await drive({ pid: server.pid, count, inFlight, send });
  for (const { agent } of senders) agent.destroy();
  return run;
}

/** Opens the connection by a question that is not counted against the renewals. */
async function open(
  { port }: GatewayServer,
  { identity, agent }: { identity: Identity; agent: ReturnType<typeof keptAlive> },
): Promise<void> {
  const { secureContext } = identity;
  const path = '/v1/applications/management/info';
  await callTls({ port, path, method: 'GET', agent, secureContext });
}

function isIssued(answer: Answer, identity: Identity, index: number): void {
  if (index === 0) certificateIn(answer, identity.key);
  else if (answer.status !== 201) throw new Error(`${answer.status}: ${answer.body.toString()}`);
}
