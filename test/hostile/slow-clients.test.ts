import { describe, expect, it } from '@jest/globals';
import type { Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { csrBody, pair, renew, startTestGateway, subjectOf } from '../support/gateway.js';
import { call } from '../support/gateway.js';
import { ask, openTcp, openTls, requestText } from '../support/wire.js';

const renewals = '/v1/applications/certificates/renewals';
const minutes = 60_000;

/** Sends a byte a second, or nothing where there is no text, until the connection is gone; says after how many seconds that was and what came. */
async function drip(socket: Socket, text: string): Promise<{ seconds: number; answer: string }> {
  const start = performance.now();
  let answer = '';
  let sent = 0;
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString())).resume();
  const dripping = setInterval(() => text === '' || socket.write(text[sent++] ?? ' '), 1_000);
  await new Promise<void>((done) => socket.once('close', done));
  clearInterval(dripping);
  return { seconds: (performance.now() - start) / 1000, answer };
}

function percentile99(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.ceil(times.length * 0.99) - 1] ?? 0;
}

describe('slow and idle clients', () => {
  it(
    'HI-H3: headers, bodies and handshakes at a byte a second are cut within 15 s, others are served',
    async () => {
      const gateway = await startTestGateway();
      const holder = await pair(gateway);
      const body = csrBody({ key: holder.key, subject: subjectOf('app') });
      const request = requestText('POST', renewals, { body });
      const slow = {
        headers: drip(await openTls(gateway, { holder }), request),
        body: (async () => {
          const socket = await openTls(gateway, { holder });
          socket.write(request.slice(0, -body.length));
          return await drip(socket, body);
        })(),
        'second request': (async () => {
          const socket = await openTls(gateway, { holder });
          expect((await ask(socket, request)).status).toBe(201);
          return await drip(socket, request);
        })(),
        'plain headers': drip(await openTcp(gateway.urls.pki), requestText('GET', '/healthz')),
        handshake: drip(
          await openTcp(gateway.urls.gateway),
          '\x16\x03\x01\x00\xff\x01\x00\x00\xfb',
        ),
        silence: drip(await openTls(gateway), ''),
      };
      const state = { isOver: false };
      const all = Promise.all(Object.values(slow)).finally(() => (state.isOver = true));
      let served = 0;
      for (; !state.isOver; served += 1) {
        await renew(gateway, holder).expect(201);
        await setTimeout(50);
      }
      for (const [index, { seconds, answer }] of (await all).entries()) {
        const name = Object.keys(slow)[index];
        console.info(`slow ${String(name)}: closed after ${seconds.toFixed(1)} s`);
        expect(seconds).toBeLessThan(15.5);
        if (name === 'handshake') expect(answer).not.toContain('HTTP');
        else expect(answer).toContain('"reason":"request-timeout"');
      }
      expect(served).toBeGreaterThan(50);
    },
    2 * minutes,
  );

  it(
    'HI-H4: 2,000 idle connections and 200 half-open handshakes: others are served',
    async () => {
      const gateway = await startTestGateway();
      const holder = await pair(gateway);
      const measure = async (): Promise<number> => {
        const times: number[] = [];
        const socket = await openTls(gateway, { holder });
        for (let i = 0; i < 200; i += 1) {
          const start = performance.now();
          const body = csrBody({ key: holder.key, subject: subjectOf('app') });
          const answer = await ask(socket, requestText('POST', renewals, { body }));
          times.push(performance.now() - start);
          expect(answer.status).toBe(201);
        }
        return percentile99(times);
      };
      await measure();
      const alone = await measure();
      const idle = [];
      for (let batch = 0; batch < 40; batch += 1) {
        const sockets = Array.from({ length: 50 }, async () => {
          const socket = await openTls(gateway);
          expect((await ask(socket, requestText('GET', '/v1/api.yaml'))).status).toBe(200);
          return socket;
        });
        idle.push(...(await Promise.all(sockets)));
      }
      const halfOpen = await Promise.all(
        Array.from({ length: 200 }, () => openTcp(gateway.urls.gateway)),
      );
      for (const socket of halfOpen) socket.write(Buffer.from('16030100ff010000fb0303', 'hex'));
      const besides = await measure();
      console.info(
        `p99 of a renewal: ${alone.toFixed(1)} ms alone, ${besides.toFixed(1)} ms besides idle connections: ${(besides / alone).toFixed(2)} times`,
      );
      await call(gateway, 'get', '/v1/applications/management/info', holder).expect(200);
      expect(idle.filter((socket) => !socket.destroyed)).toHaveLength(2_000);
    },
    3 * minutes,
  );
});
