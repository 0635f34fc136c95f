import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withoutSettings } from './gateway-process.js';

/** How `everleaf serve` ended. */
export interface ServeEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `everleaf serve` as a process of its own, compiled, on free ports. */
export interface Serve {
  readonly gatewayUrl: string;
  readonly adminUrl: string;
  readonly pkiUrl: string;
  readonly ended: Promise<ServeEnd>;
  kill(signal: 'SIGKILL' | 'SIGTERM'): void;
}

interface ServeInput {
  readonly settings: Readonly<Record<string, string>>;
  /** Runs it as a user who owns nothing, where this process is root. */
  readonly asNobody?: boolean;
}

/** Starts it; gives how it ended where it does not get ready. */
export async function serve(input: ServeInput): Promise<Serve | ServeEnd> {
  const { settings, asNobody = false } = input;
  const nobody = asNobody && process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const child = spawn(process.execPath, ['dist/main.js', 'serve'], {
    env: { ...withoutSettings(process.env), ...freePorts, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...nobody,
  });
  let stdout = '';
  let stderr = '';
  let announce: (line: string) => void = () => undefined;
  const ready = new Promise<string>((resolve) => (announce = resolve));
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    if (stdout.includes('\n')) announce(stdout);
  });
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<ServeEnd>((resolve) => {
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  const first = await Promise.race([ready, ended]);
  if (typeof first !== 'string') return first;
  const [, gatewayUrl = '', adminUrl = '', pkiUrl = ''] =
    /gateway=(\S+) admin=(\S+) pki=(\S+)/.exec(first) ?? [];
  return { gatewayUrl, adminUrl, pkiUrl, ended, kill: (signal) => child.kill(signal) };
}

/** Starts it; throws where it does not get ready. */
export async function serveReady(settings: Readonly<Record<string, string>>): Promise<Serve> {
  const started = await serve({ settings });
  if ('code' in started) throw new Error(`the gateway did not start:\n${started.stderr}`);
  return started;
}

/** Lets it end in peace. */
export async function stopServing(gateway: Serve): Promise<ServeEnd> {
  gateway.kill('SIGTERM');
  return gateway.ended;
}

const freePorts = {
  EVERLEAF_GATEWAY_LISTEN: '127.0.0.1:0',
  EVERLEAF_ADMIN_LISTEN: '127.0.0.1:0',
  EVERLEAF_PKI_LISTEN: '127.0.0.1:0',
};

/** Everything in a directory: path, mode and SHA-256 of each file. */
export function contentsOf(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const path = join(directory, name);
      const stat = lstatSync(path);
      const hash = stat.isFile()
        ? createHash('sha256').update(readFileSync(path)).digest('hex')
        : '';
      return `${name} ${(stat.mode & 0o7777).toString(8)} ${hash}`;
    });
}
