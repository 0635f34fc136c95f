import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outputOf } from './run.js';

/** An nginx that asks for a client certificate of one authority and says who came. */
export interface Nginx {
  readonly url: string;
  /** The server certificate to trust. */
  readonly ca: string;
  stop(): Promise<void>;
}

/** One whose `ssl_crl` can be changed: DER; nginx reads it in its own time. */
export type NginxWithList = Nginx & { reload(crl: Uint8Array): Promise<void> };

/** Starts the machine's nginx on a free port with `ssl_verify_client on`. */
export async function startNginx(input: {
  /** PEM: `ssl_client_certificate`. */
  readonly clientCa: string;
  /** PEM of its own pair and of what to trust then; otherwise a self-signed one for localhost. */
  readonly server?: { readonly cert: string; readonly key: string; readonly ca: string };
  /** DER: `ssl_crl`. */
  readonly crl?: Uint8Array;
  readonly verifyDepth?: number;
  /** Further lines of the server. */
  readonly directives?: string;
}): Promise<NginxWithList> {
  const folder = await mkdtemp(join(tmpdir(), 'everleaf-nginx-'));
  const file = (name: string): string => join(folder, name);
  const { server: own } = input;
  if (own) {
    await writeFile(file('crt'), own.cert);
    await writeFile(file('key'), own.key, { mode: 0o600 });
  } else await makeServerPair({ certFile: file('crt'), keyFile: file('key') });
  await writeFile(file('ca.crt'), input.clientCa);
  const putList = async (crl: Uint8Array): Promise<void> => {
    await writeFile(file('crl.der'), crl);
    const convert = ['crl', '-inform', 'DER', '-in', file('crl.der'), '-out', file('crl.pem')];
    await outputOf(['openssl', ...convert]);
  };
  if (input.crl !== undefined) await putList(input.crl);
  const port = await freePort();
  const crl = input.crl === undefined ? '' : `ssl_crl ${file('crl.pem')};`;
  const server = await runNginx({
    folder,
    port,
    http: `server {
    listen 127.0.0.1:${String(port)} ssl;
    ssl_certificate ${file('crt')}; ssl_certificate_key ${file('key')};
    ssl_client_certificate ${file('ca.crt')}; ssl_verify_client on; ${crl}
    ssl_verify_depth ${String(input.verifyDepth ?? 1)}; ${input.directives ?? ''}
    location / { return 200 "$ssl_client_verify $ssl_client_s_dn"; }
  }`,
  });
  return {
    url: `https://localhost:${String(port)}`,
    ca: own?.ca ?? (await readFile(file('crt'), 'utf8')),
    reload: async (crl) => {
      await putList(crl);
      server.reload();
    },
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A self-signed server certificate for localhost. */
export async function makeServerPair(files: {
  readonly certFile: string;
  readonly keyFile: string;
}): Promise<void> {
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', ...names];
  await outputOf(['openssl', ...words, '-keyout', files.keyFile, '-out', files.certFile]);
}

/** Runs the machine's nginx with what stands in `http { }`; resolves once it listens on `port`. */
export async function runNginx(input: {
  readonly folder: string;
  readonly port: number;
  readonly http: string;
}): Promise<{ reload(): boolean; stop(): Promise<void> }> {
  const { folder, port, http } = input;
  const file = (name: string): string => join(folder, name);
  await writeFile(
    file('nginx.conf'),
    `daemon off; worker_processes 1; user root; pid ${file('pid')}; error_log ${file('log')};
events {}
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${file(kind)};`)
    .join(' ')}
  ${http}
}
`,
  );
  const server = spawn('nginx', ['-c', file('nginx.conf'), '-p', folder], { stdio: 'ignore' });
  const ended = new Promise<void>((done) => server.once('close', () => done()));
  await untilOpen(port);
  return {
    reload: () => server.kill('SIGHUP'),
    stop: async () => {
      server.kill('SIGTERM');
      await ended;
    },
  };
}

/** A port on which nobody listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('no port on this machine');
  return address.port;
}

/** Knocks until somebody opens; the test's own time limit ends it otherwise. */
async function untilOpen(port: number): Promise<void> {
  for (;;) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (isOpen) return;
  }
}
