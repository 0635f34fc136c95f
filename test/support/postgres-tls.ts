import { spawn } from 'node:child_process';
import { asDatabaseUser, clusterFolder, findBinaries, untilReady } from './global-setup.js';

/** A cluster that takes connections by TLS with client certificates alone, until its standard input ends. */
const script = `
trap '' INT HUP
umask 077
dir=$(mktemp -d "$1/everleaf-pgtls.XXXXXX") || exit 1
"$0/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --no-locale --no-sync >"$dir/log" 2>&1
printf %s "$SERVER_CERT" >"$dir/data/server.crt"
printf %s "$SERVER_KEY" >"$dir/data/server.key"
printf %s "$CLIENT_CA" >"$dir/data/ca.crt"
cat >"$dir/data/pg_hba.conf" <<END
local all postgres trust
hostssl all all 127.0.0.1/32 cert
END
"$0/pg_ctl" -D "$dir/data" -w -l "$dir/log" -o "-k '$dir' -p $PORT -c listen_addresses=127.0.0.1 -c fsync=off -c ssl=on -c ssl_ca_file=ca.crt" start >>"$dir/log" 2>&1 &&
"$0/createuser" -h "$dir" -p "$PORT" -U postgres "$ROLE" >>"$dir/log" 2>&1 &&
"$0/createdb" -h "$dir" -p "$PORT" -U postgres defaultdb >>"$dir/log" 2>&1 &&
echo "ready $dir" || cat "$dir/log" >&2
cat >/dev/null
"$0/pg_ctl" -D "$dir/data" -m immediate stop >>"$dir/log" 2>&1
rm -rf "$dir"
`;

/** Whether this machine can run such a server; says so where it cannot. */
export function hasPostgres(): boolean {
  const isHere = findBinaries() !== undefined;
  const reason = 'what needs a PostgreSQL server, which is not installed';
  if (!isHere && process.env['CI'] !== undefined) throw new Error(reason);
  if (!isHere) console.warn(`SKIPPED: ${reason}`);
  return isHere;
}

/** Starts a PostgreSQL with the database `defaultdb` and one role; the returned function stops it. PEM. */
export async function startPostgresWithTls(input: {
  readonly port: number;
  readonly role: string;
  readonly cert: string;
  readonly key: string;
  readonly clientCa: string;
}): Promise<() => Promise<void>> {
  const binaries = findBinaries();
  if (binaries === undefined) throw new Error('there is no PostgreSQL on this machine');
  const [command, ...leading] = asDatabaseUser();
  const server = spawn(command, [...leading, 'sh', '-c', script, binaries, clusterFolder()], {
    cwd: '/tmp',
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      ...process.env,
      PORT: String(input.port),
      ROLE: input.role,
      SERVER_CERT: input.cert,
      SERVER_KEY: input.key,
      CLIENT_CA: input.clientCa,
    },
  });
  const ended = new Promise<void>((done) => server.once('close', () => done()));
  await untilReady(server);
  return async () => {
    server.stdin.end();
    await ended;
  };
}
