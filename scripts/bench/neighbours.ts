import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Identity } from './fleet.js';
import { startMeasured } from './measured-process.js';
import type { MeasuredProcess } from './measured-process.js';
import type { KeyType } from './gateway-server.js';

/** Another server to measure against, on the same core. */
export interface Neighbour extends MeasuredProcess {
  readonly port: number;
}

interface ServerFiles {
  readonly folder: string;
  readonly ca: string;
  /** Whose certificate and key the server presents. */
  readonly identity: Identity;
}

/** A server that answers `size` constant bytes. */
export async function startConstant(files: ServerFiles, size: number): Promise<Neighbour> {
  const { pair, ca } = writeServerFiles(files);
  const script = fileURLToPath(new URL('./constant-server.ts', import.meta.url));
  const words = ['--import', 'tsx', script, pair, ca, String(size)];
  const started = startMeasured([process.execPath, ...words]);
  for await (const line of createInterface({ input: started.stdout })) {
    const [, port] = /^ready ([0-9]+)$/.exec(line) ?? [];
    if (port !== undefined) return { ...started, port: Number(port) };
  }
  throw new Error('the constant server did not start');
}

/** `openssl s_server`: nothing but the handshake, with the client's certificate asked for and verified. */
export async function startHandshakes(files: ServerFiles): Promise<Neighbour> {
  const { pair, ca } = writeServerFiles(files);
  const port = await freePort();
  const words = ['-accept', `127.0.0.1:${port}`, '-cert', pair, '-key', pair, '-cert_chain', ca];
  const judging = ['-CAfile', ca, '-Verify', '2', '-verify_quiet', '-quiet'];
  const started = startMeasured(['openssl', 's_server', ...words, ...judging]);
  started.stdout.resume();
  await setTimeout(500);
  return { ...started, port };
}

/** Debian's cfssl, signing over plain HTTP without a database; undefined where it is not installed. */
export async function startCfssl(folder: string, keyType: KeyType): Promise<Neighbour | undefined> {
  if (spawnSync('cfssl', ['version']).status !== 0) return undefined;
  const files = { key: join(folder, 'cfssl.key'), ca: join(folder, 'cfssl.crt') };
  const config = join(folder, 'cfssl.json');
  const newKey =
    keyType === 'rsa-2048' ? ['rsa:2048'] : ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  const request = ['req', '-x509', '-nodes', '-newkey', ...newKey, '-subj', '/CN=cfssl'];
  spawnSync('openssl', [...request, '-keyout', files.key, '-out', files.ca]);
  const profile = { expiry: '2208h', usages: ['digital signature', 'client auth'] };
  writeFileSync(config, JSON.stringify({ signing: { default: profile } }));
  const port = await freePort();
  const words = ['-address', '127.0.0.1', '-port', String(port), '-config', config];
  const authority = ['-ca', files.ca, '-ca-key', files.key, '-loglevel', '5'];
  const started = startMeasured(['cfssl', 'serve', ...words, ...authority]);
  started.stdout.resume();
  await setTimeout(500);
  return { ...started, port };
}

function writeServerFiles({ folder, ca, identity }: ServerFiles): { pair: string; ca: string } {
  const files = { pair: join(folder, 'server.pem'), ca: join(folder, 'server-ca.pem') };
  writeFileSync(files.pair, identity.certPem + identity.keyPem, { mode: 0o600 });
  writeFileSync(files.ca, ca);
  return files;
}

/** A port that was free a moment ago, for servers that cannot say which one they got. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
