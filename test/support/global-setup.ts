import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, statfsSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';

/** Jest's globalSetup, which has to be one file: what all test files share. */
export default async function setUp(): Promise<void> {
  useMemoryFolder();
  await startPostgres();
}

const memory = '/dev/shm';
const neededBytes = 4 * 2 ** 30;

/**
 * Lets the tests keep their files in memory where there is enough of it: an embedded database waits for the disk at each
 * commit, and of a test nothing has to outlive the power. The folder goes when this process ends, however it ends.
 */
function useMemoryFolder(): void {
  if (!hasRoom()) return;
  const folder = mkdtempSync(`${memory}/everleaf-tests-`);
  chmodSync(folder, 0o711); // servers under users of their own look for their files in it
  const remover = spawn('sh', ['-c', `trap '' INT HUP; cat >/dev/null; rm -rf "$0"`, folder], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  remover.unref();
  if (remover.stdin instanceof Socket) remover.stdin.unref();
  process.env['TMPDIR'] = folder;
  process.env['EVERLEAF_TEST_MIGRATED'] = join(folder, 'everleaf-migrated.db');
}

function hasRoom(): boolean {
  try {
    const { bavail, bsize } = statfsSync(memory);
    return bavail * bsize >= neededBytes;
  } catch {
    return false; // not a Linux
  }
}

/**
 * Makes a cluster in the folder that it is told, starts it on a socket of its own, and stops and removes it when its
 * standard input ends: that is when this process ends, however it ends. Ctrl-C is meant for jest alone.
 */
const script = `
trap '' INT HUP
dir=$(mktemp -d "$1/everleaf-pg.XXXXXX") || exit 1
"$0/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --no-locale --no-sync >"$dir/log" 2>&1 &&
"$0/pg_ctl" -D "$dir/data" -w -l "$dir/log" -o "-k '$dir' -c listen_addresses='' -c fsync=off -c full_page_writes=off -c max_connections=300" start >>"$dir/log" 2>&1 &&
echo "ready $dir" || cat "$dir/log" >&2
cat >/dev/null
"$0/pg_ctl" -D "$dir/data" -m immediate stop >>"$dir/log" 2>&1
rm -rf "$dir"
`;

/** One PostgreSQL for the whole run; its address goes into EVERLEAF_TEST_POSTGRES_URL. */
async function startPostgres(): Promise<void> {
  if (process.env['EVERLEAF_TEST_POSTGRES_URL'] !== undefined) return;
  const binaries = findBinaries();
  if (binaries === undefined) return;
  const [command, ...leading] = asDatabaseUser();
  const server = spawn(command, [...leading, 'sh', '-c', script, binaries, clusterFolder()], {
    cwd: '/tmp',
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const directory = await untilReady(server);
  server.unref();
  for (const stream of [server.stdin, server.stdout]) {
    if (stream instanceof Socket) stream.unref();
  }
  process.env['EVERLEAF_TEST_POSTGRES_URL'] =
    `postgres://postgres@${encodeURIComponent(directory)}/postgres`;
}

/** Where a cluster of the tests is made: in memory a database of the hundreds that they make takes a tenth of the time. */
export function clusterFolder(): string {
  return hasRoom() ? memory : '/tmp';
}

/** The folder of the server's programs. Debian keeps it out of the PATH; Homebrew links it somewhere else again. */
export function findBinaries(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian)
    ? readdirSync(debian).sort((a, b) => Number(b) - Number(a))
    : [];
  const folders = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(':'),
    ...['/opt/homebrew', '/usr/local'].flatMap((prefix) => [
      join(prefix, 'bin'),
      join(prefix, 'opt/postgresql/bin'),
    ]),
  ];
  return folders.find((folder) =>
    ['initdb', 'pg_ctl'].every((name) => existsSync(join(folder, name))),
  );
}

/** What runs a command as another user where this one is root: PostgreSQL refuses to. */
export function asDatabaseUser(): [string, ...string[]] {
  if (process.getuid?.() !== 0) return ['env'];
  const hasRunuser = spawnSync('runuser', ['--version']).error === undefined;
  return hasRunuser
    ? ['runuser', '-u', 'postgres', '--']
    : ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups', '--'];
}

/** The folder that the script names when the server answers. */
export async function untilReady(server: ChildProcess): Promise<string> {
  let said = '';
  for await (const chunk of server.stdout ?? []) {
    said += String(chunk);
    const directory = /^ready (\S+)\n/.exec(said)?.[1];
    if (directory !== undefined) return directory;
  }
  throw new Error('PostgreSQL for the tests did not start: its log is above');
}
