import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Holder, TestGateway } from '../support/gateway.js';
import { call, pair, startTestGateway, subjectOf, temporaryHome } from '../support/gateway.js';
import { makeOpensslAuthority, signOutside } from '../support/openssl-authority.js';
import { outputOf, run } from '../support/run.js';
import { ask, openTls, portOf, requestText } from '../support/wire.js';

const info = '/v1/applications/management/info';

/** A hundred authorities, each signed by the one before; the last comes first. */
const longChain = `
printf 'basicConstraints=critical,CA:TRUE\\n' >ca.ext
cp "$1" 0.crt; cp "$2" 0.key
for i in $(seq 1 100); do
  before=$((i - 1))
  openssl req -new -config openssl.cnf -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $i.key -subj /CN=$i 2>/dev/null |
  openssl x509 -req -CA $before.crt -CAkey $before.key -set_serial $i -days 9 -extfile ca.ext -out $i.crt 2>/dev/null
done
for i in $(seq 100 -1 1); do cat $i.crt; done`;

/** Two authorities that vouch for each other: neither leads to a root. */
const cyclicPair = `
for pair in 'a b' 'b a'; do
  set -- $pair
  openssl req -new -config openssl.cnf -key $1.key -subj /CN=$1 |
  openssl x509 -req -CA $2.crt -CAkey $2.key -set_serial 9 -days 9 -extfile ca.ext 2>/dev/null
done`;

/** Presents `chain` on many connections at once while the holder asks; every answer must come. */
async function presentBesides(input: {
  gateway: TestGateway;
  holder: Holder;
  chain: Pick<Holder, 'certPem' | 'keyPem'>;
  name: string;
}): Promise<void> {
  const { gateway, holder, chain, name } = input;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const hostile = Array.from({ length: 20 }, async () => {
    const socket = await openTls(gateway, { holder: chain });
    return await ask(socket, requestText('GET', info));
  });
  const others = Array.from({ length: 10 }, () => call(gateway, 'get', info, holder).expect(200));
  await Promise.all(others);
  for (const answer of await Promise.all(hostile)) {
    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.body).reason).toBe('certificate-unknown');
  }
  delay.disable();
  console.info(`${name}: event loop blocked for ${String(Math.round(delay.max / 1e6))} ms at most`);
}

describe('a chain that leads nowhere', () => {
  it('HI-C10: a hundred certificates are no delay for others, and help nobody', async () => {
    const folder = temporaryHome();
    const foreign = await makeOpensslAuthority({ folder, name: 'foreign' });
    const words = ['sh', foreign.certFile, foreign.keyFile] as const;
    const chainPem = await outputOf(['sh', '-c', longChain, ...words], { cwd: folder });
    expect(chainPem.match(/BEGIN/g)).toHaveLength(100);
    const last = { certFile: join(folder, '100.crt'), keyFile: join(folder, '100.key') };
    const authority = { ...last, settings: {} };
    const leaf = await signOutside({ folder, subject: subjectOf('app'), authority });
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    const chain = { ...leaf, certPem: `${leaf.certPem}${chainPem}\n` };
    await presentBesides({ gateway, holder, chain, name: '100 certificates' });
    const escorted = { ...holder, certPem: `${holder.certPem}${chainPem}\n` };
    const socket = await openTls(gateway, { holder: escorted });
    expect((await ask(socket, requestText('GET', info))).status).toBe(200);
  }, 60_000);

  it('HI-C10: intermediates that vouch for each other are no delay for others', async () => {
    const folder = temporaryHome();
    const a = await makeOpensslAuthority({ folder, name: 'a' });
    await makeOpensslAuthority({ folder, name: 'b' });
    writeFileSync(join(folder, 'ca.ext'), 'basicConstraints=critical,CA:TRUE\n');
    const cycle = await outputOf(['sh', '-c', cyclicPair], { cwd: folder });
    const leaf = await signOutside({ folder, subject: subjectOf('app'), authority: a });
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    const chain = { ...leaf, certPem: `${leaf.certPem}${cycle}\n` };
    await presentBesides({ gateway, holder, chain, name: 'cyclic intermediates' });
  });
});

describe('a connection that would change its mind', () => {
  async function openssl(gateway: TestGateway): Promise<readonly [string, ...string[]]> {
    const holder = await pair(gateway);
    const [certFile, keyFile] = [join(gateway.home, 'app.crt'), join(gateway.home, 'app.key')];
    writeFileSync(certFile, holder.certPem);
    writeFileSync(keyFile, holder.keyPem);
    const at = `localhost:${String(portOf(gateway.urls.gateway))}`;
    const pairOf = ['-cert', certFile, '-key', keyFile, '-CAfile', gateway.caFile];
    return ['openssl', 's_client', '-connect', at, ...pairOf];
  }

  it('HI-C11: renegotiation is refused', async () => {
    const gateway = await startTestGateway();
    const [file, ...words] = await openssl(gateway);
    const client = spawn(file, [...words, '-tls1_2']);
    let text = '';
    const seen = (mark: string): Promise<void> =>
      new Promise((done) => {
        const look = (): void => {
          if (text.includes(mark)) done();
        };
        client.stdout.on('data', look);
        client.stderr.on('data', look);
        look();
      });
    for (const stream of [client.stdout, client.stderr])
      stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    client.stdin.write(requestText('GET', info));
    await seen('clientIdentity');
    client.stdin.on('error', () => undefined);
    const ended = new Promise((done) => client.once('close', done));
    client.stdin.write('R\n');
    await seen('RENEGOTIATING');
    await ended;
    expect(text).toMatch(/no renegotiation/i);
    expect(text.match(/HTTP\/1\.1 200/g)).toHaveLength(1);
  });

  it('HI-C11: early data is not taken', async () => {
    const gateway = await startTestGateway();
    const client = [...(await openssl(gateway)), '-tls1_3'] as [string, ...string[]];
    const sessionFile = join(gateway.home, 'session');
    const request = requestText('GET', info, { headers: { Connection: 'close' } });
    const first = await run([...client, '-ign_eof', '-sess_out', sessionFile], { input: request });
    expect(first.stdout).toMatch(/HTTP\/1\.1 200/);
    expect(readFileSync(sessionFile, 'utf8')).toContain('BEGIN SSL SESSION PARAMETERS');
    expect(first.stdout).toContain('Max Early Data: 0');
    writeFileSync(join(gateway.home, 'early'), request);
    const early = ['-sess_in', sessionFile, '-early_data', join(gateway.home, 'early')];
    const second = await run([...client, '-ign_eof', ...early], { input: request });
    expect(second.stdout).not.toContain('Early data was accepted');
    expect(second.stdout.match(/HTTP\/1\.1 200/g) ?? []).toHaveLength(1);
  });
});
