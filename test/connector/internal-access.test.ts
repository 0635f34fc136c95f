import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { callAdmin, pair, startTestGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { eventsOf } from '../support/record.js';
import { askInfo, revocationsPath, tokensOnRecord, tokensPath } from './shape.js';

const network = {
  EVERLEAF_INTERNAL_AUTH: 'network',
  EVERLEAF_INTERNAL_LISTEN: '127.0.0.1:0',
};

const internal = ({ internalPort }: TestGateway): string =>
  `http://localhost:${String(internalPort)}`;

describe('who may reach the internal API', () => {
  it.each([
    ['Origin', 'https://localhost:9443', 'browser-request'],
    ['Origin', 'null', 'browser-request'],
    ['Sec-Fetch-Site', 'same-origin', 'browser-request'],
    ['Host', 'evil.example.com', 'host-unknown'],
    ['Host', 'localhost.evil.example.com:9443', 'host-unknown'],
    ['Host', '127.0.0.1.nip.io', 'host-unknown'],
  ])('CS-0: nobody who sends %s: %s', async (header, value, reason) => {
    const gateway = await startTestGateway({ ...network, EVERLEAF_ADMIN_TLS: 'off' });
    const holder = await pair(gateway);
    const before = await tokensOnRecord(gateway);
    const callInternal = (path: string) => request(internal(gateway)).post(path);
    for (const post of [callInternal, (path: string) => callAdmin(gateway, 'post', path)]) {
      for (const path of [tokensPath, revocationsPath]) {
        const answer = await post(path)
          .set({ Application: 'app', [header]: value })
          .send({ hash: holder.sha256 });
        expect(answer.body).toMatchObject({ code: 403, reason });
      }
    }
    expect(await tokensOnRecord(gateway)).toBe(before);
    expect(await eventsOf(gateway, 'certificate.revoked')).toEqual([]);
  });

  it.each([['localhost'], ['LOCALHOST:1'], ['127.0.0.1'], ['[::1]:9443'], ['gate.example.com:80']])(
    'CS-0: whoever calls it by a name of its own, %s',
    async (host) => {
      const gateway = await startTestGateway({
        EVERLEAF_ADMIN_TLS: 'off',
        EVERLEAF_GATEWAY_URL: 'https://gate.example.com:8443',
      });
      const answer = await callAdmin(gateway, 'post', tokensPath).set({
        Application: 'app',
        Host: host,
      });
      expect(answer.status).toBe(201);
    },
  );

  it('CS-0: with EVERLEAF_INTERNAL_AUTH=network anybody, on its own listener alone', async () => {
    const gateway = await startTestGateway(network);
    const holder = await pair(gateway);
    const post = (path: string) => request(internal(gateway)).post(path);
    const { body } = await post(tokensPath).set('Application', 'next').expect(201);
    expect((await askInfo(gateway, body.token)).status).toBe(200);
    await post(revocationsPath).send({ hash: holder.sha256 }).expect(201);
    expect(await eventsOf(gateway, 'certificate.revoked')).toEqual([
      expect.objectContaining({ actor: 'network', certificate: holder.sha256 }),
    ]);
    await request(internal(gateway)).get('/metrics').expect(404);
    await post('/v1/applications/certificates').expect(404);
    const admin = callAdmin(gateway, 'post', tokensPath).unset('Authorization');
    expect((await admin.set('Application', 'app')).status).toBe(401);
  });

  it('CS-0: without it there is no such listener', async () => {
    expect((await startTestGateway()).internalPort).toBeUndefined();
  });
});
