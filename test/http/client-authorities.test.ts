import { describe, expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pair, startTestGateway } from '../support/gateway.js';
import { outputOf } from '../support/run.js';
import { addHolder } from '../support/service-user-holder.js';
import { openService } from '../support/services.js';
import { portOf } from '../support/wire.js';

describe('the request for a client certificate', () => {
  it('names no authority, and clients present what they have', async () => {
    const gateway = await startTestGateway();
    const house = await openService(gateway);
    const holders = { user: await addHolder(house, 'app'), application: await pair(gateway) };
    const at = (name: string): string => join(gateway.home, name);
    for (const [name, { certPem, keyPem }] of Object.entries(holders)) {
      writeFileSync(at(`${name}.crt`), certPem);
      writeFileSync(at(`${name}.key`), keyPem);
    }
    const files = (name: string) => ['--cert', at(`${name}.crt`), '--key', at(`${name}.key`)];
    const curl = ['curl', '-q', '-sS', '--fail-with-body', '--cacert', gateway.caFile] as const;
    const { gateway: url } = gateway.urls;
    const me = await outputOf([...curl, ...files('user'), `${url}/v1/service-users/me`]);
    expect(JSON.parse(me)).toMatchObject({ username: 'app', is_current: true });
    const info = `${url}/v1/applications/management/info`;
    expect(await outputOf([...curl, ...files('application'), info])).toContain('clientIdentity');
    for (const version of ['-tls1_2', '-tls1_3']) {
      const client = [
        'openssl',
        's_client',
        version,
        '-ign_eof',
        '-CAfile',
        gateway.caFile,
      ] as const;
      const pairOf = ['-cert', at('user.crt'), '-key', at('user.key')];
      const to = ['-connect', `localhost:${String(portOf(url))}`];
      const input =
        'GET /v1/service-users/me HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
      const said = await outputOf([...client, ...pairOf, ...to], { input });
      expect(said).toContain('No client certificate CA names sent');
      expect(said).toContain('Verify return code: 0 (ok)');
      expect(said).toContain('"username":"app"');
    }
  });
});
