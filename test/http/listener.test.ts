import { describe, expect, it } from '@jest/globals';
import { createServer } from 'node:net';
import { readdirSync } from 'node:fs';
import { call, csrBody, pair, startTestGateway, subjectOf } from '../support/gateway.js';
import { ask, openTcp, openTls, portOf, readAnswer, readToEnd } from '../support/wire.js';
import { requestText } from '../support/wire.js';

const renewals = '/v1/applications/certificates/renewals';

async function secondsFor(work: Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work;
  return (performance.now() - start) / 1000;
}

describe('a listener that stops', () => {
  it('finishes the answers that are under way', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    const body = csrBody({ key: holder.key, subject: subjectOf('app') });
    const sockets = await Promise.all(
      Array.from({ length: 5 }, () => openTls(gateway, { holder })),
    );
    const text = requestText('POST', renewals, { body });
    const answers = sockets.map((socket) => readAnswer(socket));
    for (const socket of sockets) socket.write(text.slice(0, -10));
    // The gateway has begun on a request when the one after it on another connection is answered.
    await call(gateway, 'get', '/v1/applications/management/info', holder).expect(200);
    const stopped = gateway.stop();
    for (const socket of sockets) socket.write(text.slice(-10));
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(Array(5).fill(201));
    await stopped;
  });

  it.each([
    ['a handshake that never began', (url: string) => openTcp(url)],
    [
      'a handshake that stays half-way',
      async (url: string) => {
        const socket = await openTcp(url);
        socket.write(Buffer.from('16030100ff010000fb0303', 'hex'));
        return socket;
      },
    ],
  ])('is not held up by %s', async (_case, open) => {
    const gateway = await startTestGateway();
    const socket = await open(gateway.urls.gateway);
    await call(gateway, 'get', '/v1/api.yaml').expect(200);
    expect(await secondsFor(gateway.stop())).toBeLessThan(2);
    expect(await readToEnd(socket)).toBe('');
  });

  it('is not held up by a connection without a request, on any listener', async () => {
    const gateway = await startTestGateway();
    await openTls(gateway);
    await openTls(gateway, {}, gateway.urls.admin);
    await openTcp(gateway.urls.pki);
    await call(gateway, 'get', '/v1/api.yaml').expect(200);
    expect(await secondsFor(gateway.stop())).toBeLessThan(2);
  });

  it('is not held up by a kept-alive connection after its answer, nor by half a second request', async () => {
    const gateway = await startTestGateway();
    const [idle, halfWay] = [await openTls(gateway), await openTls(gateway)];
    for (const socket of [idle, halfWay]) {
      expect((await ask(socket, requestText('GET', '/v1/api.yaml'))).status).toBe(200);
    }
    halfWay.write('GET /v1/api.yaml HTTP/1.1\r\nHost: loc');
    await call(gateway, 'get', '/v1/api.yaml').expect(200);
    expect(await secondsFor(gateway.stop())).toBeLessThan(2);
  });

  it('leaves its ports free, accepts nothing more and closes the record', async () => {
    const gateway = await startTestGateway();
    const { urls } = gateway;
    await gateway.stop();
    await expect(openTls(gateway)).rejects.toThrow('ECONNREFUSED');
    for (const url of [urls.gateway, urls.admin, urls.pki]) {
      const server = createServer();
      await new Promise<void>((done, failed) => {
        server.once('error', failed).listen(portOf(url), '127.0.0.1', done);
      });
      await new Promise((done) => server.close(done));
    }
    expect(readdirSync(gateway.home).filter((name) => /-(wal|shm)$/.test(name))).toEqual([]);
  });

  it('refuses to start where the port is taken, names the setting and leaves nothing behind', async () => {
    const gateway = await startTestGateway();
    const taken = `127.0.0.1:${String(portOf(gateway.urls.admin))}`;
    const second = startTestGateway({ EVERLEAF_ADMIN_LISTEN: taken });
    await expect(second).rejects.toThrow(
      `EVERLEAF_ADMIN_LISTEN: ${taken} is in use by another process.`,
    );
    await call(gateway, 'get', '/v1/api.yaml').expect(200);
  });
});
