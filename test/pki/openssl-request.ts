import { spawnSync } from 'node:child_process';

/** Whether openssl parses the request and verifies its signature: the independent judge of the fuzz tests. */
export function opensslAccepts(der: Uint8Array): boolean {
  const args = ['req', '-verify', '-noout', '-inform', 'DER'];
  const { stderr, status } = spawnSync('openssl', args, { input: der });
  return status === 0 && stderr.toString().includes('verify OK');
}
