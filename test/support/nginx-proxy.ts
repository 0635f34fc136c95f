import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryHome } from './gateway.js';
import type { Holder, TestGateway } from './gateway.js';
import { freePort, makeServerPair, runNginx } from './nginx.js';
import type { Nginx } from './nginx.js';
import { portOf } from './wire.js';

/** An nginx in front of a gateway with scripts/proxies/nginx.conf, but for its names, ports and folders. */
export async function startNginxProxy(
  gateway: TestGateway,
  own: Holder,
  change: (configuration: string) => string = (configuration) => configuration,
): Promise<Nginx> {
  const folder = temporaryHome();
  const files = join(folder, 'everleaf');
  await mkdir(files);
  const serverPair = { certFile: join(files, 'server.crt'), keyFile: join(files, 'server.key') };
  await makeServerPair(serverPair);
  await writeFile(join(files, 'proxy.crt'), own.certPem);
  await writeFile(join(files, 'proxy.key'), own.keyPem);
  await writeFile(join(files, 'ca.crt'), gateway.ca);
  const port = await freePort();
  const places = [
    ['listen 443 ssl;', `listen 127.0.0.1:${String(port)} ssl;`],
    ['server 127.0.0.1:8443;', `server 127.0.0.1:${String(portOf(gateway.urls.gateway))};`],
    ['gateway.example.com;', 'localhost;'],
  ] as const;
  let http = await readFile('scripts/proxies/nginx.conf', 'utf8');
  for (const [written, here] of places) {
    if (!http.includes(written)) throw new Error(`scripts/proxies/nginx.conf lacks ${written}`);
    http = http.replace(written, here);
  }
  http = change(http.replaceAll('/etc/nginx/everleaf/', `${files}/`));
  const { stop } = await runNginx({ folder, port, http });
  const ca = await readFile(serverPair.certFile, 'utf8');
  return { url: `https://localhost:${String(port)}`, ca, stop };
}
