import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outputOf } from './run.js';

/** A server over TLS that gives one and the same answer to everything: what a client must be able to bear. */
export async function openFaultyGateway(answer: {
  readonly status: number;
  readonly body: object | string;
  readonly headers?: Readonly<Record<string, string>>;
}): Promise<{ readonly url: string; readonly caFile: string; close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'everleaf-faulty-'));
  const keyFile = join(folder, 'server.key');
  const caFile = join(folder, 'server.crt');
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', ...names];
  await outputOf(['openssl', ...words, '-keyout', keyFile, '-out', caFile]);

  const body = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
  const material = { key: await readFile(keyFile), cert: await readFile(caFile) };
  const server = createServer(material, (request, response) => {
    request.resume();
    response.writeHead(answer.status, { ...answer.headers }).end(`${body}\n`);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo; // it listens on TCP, so it is no pipe's name
  return {
    url: `https://localhost:${String(port)}/renewals`,
    caFile,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
