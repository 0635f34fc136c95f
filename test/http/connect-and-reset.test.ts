import { expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect } from 'node:net';
import { startTestGateway } from '../support/gateway.js';

it('HI-H7: CONNECT from a client that resets the connection ends nothing else', async () => {
  const gateway = await startTestGateway();
  const port = Number(new URL(gateway.urls.pki).port);
  for (let round = 0; round < 20; round += 1) {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n');
    // Sometimes before the answer, sometimes while it is written.
    if (round % 2 === 0) await once(socket, 'data');
    socket.resetAndDestroy();
    await once(socket, 'close');
  }
  const { status } = await fetch(`${gateway.urls.pki}/healthz`);
  expect(status).toBe(200);
});
