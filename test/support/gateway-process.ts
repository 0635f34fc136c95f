import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const checkout = resolve('.');

/** A compiled gateway that runs as its users run it: a process of its own, in a checkout of its own. */
export interface GatewayProcess {
  /** Looks like a checkout: dist, package.json, scripts and an own, empty `certs`. */
  readonly folder: string;
  /** The root to trust. */
  readonly caFile: string;
  readonly gatewayUrl: string;
  readonly adminUrl: string;
  readonly pkiUrl: string;
  /** Environment for commands and scripts: the shell's, without any setting of Everleaf. */
  readonly environment: NodeJS.ProcessEnv;
  createToken(application: string): Promise<{ readonly url: string; readonly caSha256: string }>;
  stop(): Promise<void>;
}

/** Starts it on free ports; `settings` are added to its environment. */
export async function startGatewayProcess(
  settings: Readonly<Record<string, string>> = {},
): Promise<GatewayProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'everleaf-checkout-'));
  for (const name of ['dist', 'node_modules', 'package.json', 'scripts']) {
    await symlink(join(checkout, name), join(folder, name));
  }
  const environment = withoutSettings(process.env);
  const server = spawn(process.execPath, ['dist/main.js', 'serve'], {
    cwd: folder,
    env: { ...environment, ...freePorts, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((done) => server.once('exit', () => done()));
  const log: string[] = [];
  server.stderr.on('data', (chunk: Buffer) => log.push(chunk.toString()));
  const urls = await readyUrls(server.stdout);
  server.stdout.resume();
  if (urls === undefined) throw new Error(`the gateway did not start:\n${log.join('')}`);
  return {
    folder,
    caFile: join(folder, 'certs/ca.crt'),
    ...urls,
    environment,
    createToken: async (application) => {
      const call = ['dist/main.js', 'token', 'create', application, '--json'];
      const options = { cwd: folder, env: { ...environment, ...settings } };
      const { stdout } = await promisify(execFile)(process.execPath, call, options);
      return JSON.parse(stdout) as { url: string; caSha256: string };
    },
    stop: async () => {
      server.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const freePorts = {
  EVERLEAF_GATEWAY_LISTEN: '127.0.0.1:0',
  EVERLEAF_ADMIN_LISTEN: '127.0.0.1:0',
  EVERLEAF_PKI_LISTEN: '127.0.0.1:0',
};

/** The environment without anything that would set a gateway up. */
export function withoutSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !name.startsWith('EVERLEAF_')),
  );
}

async function readyUrls(
  stdout: NodeJS.ReadableStream,
): Promise<{ gatewayUrl: string; adminUrl: string; pkiUrl: string } | undefined> {
  for await (const line of createInterface({ input: stdout })) {
    const [, gatewayUrl, adminUrl, pkiUrl] =
      /^everleaf ready gateway=(\S+) admin=(\S+) pki=(\S+)/.exec(line) ?? [];
    if (gatewayUrl !== undefined && adminUrl !== undefined && pkiUrl !== undefined) {
      return { gatewayUrl, adminUrl, pkiUrl };
    }
  }
  return undefined;
}
