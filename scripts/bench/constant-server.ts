import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

// Run in a process of its own: PAIR CA BYTES. Answers every request over mutual TLS with the same bytes, as fast as
// node:https can, which shows how much the generator can send and what HTTPS costs before any work is done.
const [pairFile = '', caFile = '', size = '0'] = process.argv.slice(2);
const pair = readFileSync(pairFile, 'utf8');
const body = Buffer.alloc(Number(size), 'x');

const server = createServer(
  {
    cert: pair,
    key: pair,
    ca: readFileSync(caFile),
    requestCert: true,
    rejectUnauthorized: false,
  },
  (request, response) => {
    request.resume();
    request.once('end', () => {
      response.statusCode = 201;
      response.setHeader('Content-Length', body.length);
      response.end(body);
    });
  },
);
server.listen(0, '127.0.0.1', () => {
  console.log(`ready ${(server.address() as AddressInfo).port}`);
});
