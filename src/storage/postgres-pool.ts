import { Socket } from 'node:net';
import pg from 'pg';

/** Limits in milliseconds; 0 is none. */
export interface PostgresLimits {
  readonly connections: number;
  readonly statementMs: number;
}

const connectMs = 5_000;
const idleInTransactionMs = 15_000;
const graceMs = 2_000;

/** A pool that survives the loss of its connections and reads int8 as number. Connects at the first query. */
export function makePostgresPool(url: string, limits: PostgresLimits): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'everleaf',
    max: limits.connections,
    connectionTimeoutMillis: connectMs,
    statement_timeout: limits.statementMs,
    idle_in_transaction_session_timeout: idleInTransactionMs,
    keepAlive: true,
    stream: () => socketFor(limits),
    types: typesWithNumbers(),
  });
  // The pool drops a lost connection by itself and a query under way reports the loss to its caller. Without these
  // listeners Node would end the process: for an idle connection on the pool, for a lent one on the client.
  pool.on('error', leaveItToTheCaller);
  pool.on('connect', (client) => client.on('error', leaveItToTheCaller));
  return pool;
}

/**
 * A server that is there answers within the limit of a statement. Silence beyond it is a broken network, which nobody
 * else would notice for a quarter of an hour.
 */
function socketFor({ statementMs }: PostgresLimits): Socket {
  const socket = new Socket();
  if (statementMs === 0) return socket;
  return socket.setTimeout(statementMs + graceMs, () => {
    socket.destroy(new Error('Connection terminated: the server fell silent'));
  });
}

/** For this pool alone. Our whole numbers are seconds and counters, far below 2^53. */
function typesWithNumbers(): pg.TypeOverrides {
  const types = new pg.TypeOverrides();
  types.setTypeParser(pg.types.builtins.INT8, Number);
  return types;
}

function leaveItToTheCaller(): void {
  return undefined;
}
