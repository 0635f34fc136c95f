import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startMeasured } from './measured-process.js';
import type { MeasuredProcess } from './measured-process.js';

export type KeyType = 'rsa-2048' | 'ec-p256';

/** A gateway as its users run it: the compiled one, SQLite, durable commits, rate limit and log as they are. */
export interface GatewayServer extends MeasuredProcess {
  readonly home: string;
  readonly port: number;
  readonly adminPort: number;
  /** PEM. */
  readonly ca: string;
  readonly adminToken: string;
}

/** Starts it in `home`; its log goes to a file there. `preload`: modules loaded before it. */
export async function startGatewayServer(input: {
  readonly dist: string;
  readonly home: string;
  readonly keyType: KeyType;
  readonly preload?: readonly string[];
}): Promise<GatewayServer> {
  const { dist, home, keyType, preload = [] } = input;
  const imports = preload.flatMap((file) => ['--import', file]);
  const started = startMeasured([process.execPath, ...imports, join(dist, 'main.js'), 'serve'], {
    env: {
      ...shellWithoutSettings(),
      ...freePorts,
      EVERLEAF_HOME: home,
      EVERLEAF_CA_KEY_TYPE: keyType,
    },
    log: openSync(`${home}.log`, 'a'),
  });
  const ports = await readyPorts(started);
  if (!ports) throw new Error(`the gateway did not start:\n${readFileSync(`${home}.log`, 'utf8')}`);
  started.stdout.resume();
  return {
    ...started,
    ...ports,
    home,
    ca: readFileSync(join(home, 'ca.crt'), 'utf8'),
    adminToken: readFileSync(join(home, 'admin.token'), 'utf8').trim(),
  };
}

const freePorts = {
  EVERLEAF_GATEWAY_LISTEN: '127.0.0.1:0',
  EVERLEAF_ADMIN_LISTEN: '127.0.0.1:0',
  EVERLEAF_PKI_LISTEN: '127.0.0.1:0',
};

function shellWithoutSettings(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env);
  return Object.fromEntries(entries.filter(([name]) => !name.startsWith('EVERLEAF_')));
}

async function readyPorts({ stdout }: MeasuredProcess) {
  for await (const line of createInterface({ input: stdout })) {
    const [, port, adminPort] =
      /^everleaf ready gateway=https:\S+:([0-9]+) admin=https:\S+:([0-9]+) /.exec(line) ?? [];
    if (port !== undefined && adminPort !== undefined)
      return { port: Number(port), adminPort: Number(adminPort) };
  }
  return undefined;
}
