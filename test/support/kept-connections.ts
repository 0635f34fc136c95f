import { Agent as HttpAgent } from 'node:http';
import { Agent } from 'node:https';

const secure = new Agent({ keepAlive: true });
const plain = new HttpAgent({ keepAlive: true });

/**
 * Keeps the connections to an address open from one request to the next: a handshake each takes more of the processor
 * than most answers. They end with the gateway.
 */
export function keptConnections(url: string): HttpAgent {
  return url.startsWith('https:') ? secure : plain;
}
