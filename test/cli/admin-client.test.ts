import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { makeAdminClient } from '../../src/cli/admin-client.js';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

/** What a client says that posts to a server which answers so. */
async function toldBy(answer: RequestListener, deadlineMs = 10_000): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${String(port)}`;
  const client = makeAdminClient({ url, token: 'of-a-test', trusted: undefined, deadlineMs });
  const call = { method: 'POST', path: ['a/b', 'c'], body: {}, ifLost: 'Look first.' } as const;
  try {
    await client.call(call, z.object({ is: z.literal('done') }));
  } catch (error) {
    return error instanceof Error ? error.message.replaceAll(url, 'URL') : '';
  }
  return 'done';
}

describe('a client of the admin listener', () => {
  it('encodes the path and sends the token', async () => {
    const told = await toldBy((request, response) => {
      const { url, method, headers } = request;
      response.end(JSON.stringify({ is: 'done' }));
      expect([method, url]).toEqual(['POST', '/v1/a%2Fb/c']);
      expect(headers).toMatchObject({
        authorization: 'Bearer of-a-test',
        'content-type': 'application/json',
      });
    });
    expect(told).toBe('done');
  });

  it.each<[string, RequestListener, RegExp]>([
    [
      'a redirect',
      (_, response) => response.writeHead(302, { Location: 'https://elsewhere.example/' }).end(),
      /^URL answered 302, and redirects are not followed: is it the admin listener\?/,
    ],
    [
      'a page of a proxy',
      (_, response) => response.writeHead(502).end('<html>'),
      /^URL answered 502: is it the admin listener\?/,
    ],
    ['no JSON', (_, response) => response.end('<html>'), /^URL gave an answer that is none of/],
    ['other JSON', (_, response) => response.end('{"is":"other"}'), /^URL gave an answer that is/],
    [
      'a sentence with controls',
      (_, response) => response.writeHead(409).end('{"message":"no\\u001b[2J\\nway"}'),
      /^no\\u\{1b\}\[2J way$/,
    ],
    [
      'no answer',
      (request) => request.socket.destroy(),
      /^No answer from URL \(ECONNRESET\)\. Look first\.$/,
    ],
    [
      'half an answer',
      (_, response) => {
        response.writeHead(200, { 'Content-Length': '100' }).write('{"is":', () => {
          response.socket?.destroy();
        });
      },
      /^No answer from URL \(ECONNRESET\)\. Look first\.$/,
    ],
    [
      'an endless answer',
      (_, response) => response.end(Buffer.alloc(9 * 1024 * 1024, 0x20)),
      /^The answer is too long\.$/,
    ],
  ])('%s: says so', async (_, answer, sentence) => {
    expect(await toldBy(answer)).toMatch(sentence);
  });

  it('does not wait for ever', async () => {
    const told = await toldBy(() => undefined, 50);
    expect(told).toBe('No answer from URL (it did not answer in time). Look first.');
  });
});
