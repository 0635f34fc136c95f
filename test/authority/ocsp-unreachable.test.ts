import { afterEach, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { openDatabaseProxy } from '../support/database-proxy.js';
import type { DatabaseProxy } from '../support/database-proxy.js';
import { describeOnPostgres } from '../support/databases.js';
import { pair } from '../support/gateway.js';
import { makeOcspRequest, ocspErrors, postOcsp } from '../support/ocsp.js';
import { startReplicas } from '../support/replicas.js';

const proxies: DatabaseProxy[] = [];

afterEach(async () => {
  for (const proxy of proxies.splice(0)) await proxy.close();
});

describeOnPostgres('an OCSP request while PostgreSQL cannot be reached', (fresh) => {
  it('is answered by `tryLater`, never from memory, until it is back', async () => {
    const proxy = await openDatabaseProxy((await fresh()).url);
    proxies.push(proxy);
    const [gateway] = await startReplicas(proxy.url);
    const { certPem } = await pair(gateway);
    const serial = new X509Certificate(certPem).serialNumber.toLowerCase();
    const question = makeOcspRequest({ questions: [{ issuerPem: gateway.ca, serial }] });
    const ask = async () => (await postOcsp(gateway, question)).body as Buffer;
    expect((await ask()).length).toBeGreaterThan(200);

    await proxy.cut();
    expect((await ask()).toString('hex')).toBe(ocspErrors.tryLater);
    await proxy.restore();
    expect((await ask()).length).toBeGreaterThan(200);
  });
});
