import { describe, expect, it } from '@jest/globals';
import { pathsOf } from '../../src/connector/paths.js';
import {
  centralApp,
  centralRuntime,
  enrolClient,
  pairClient,
  startCentral,
} from '../support/central.js';
import { call, pair, startTestGateway } from '../support/gateway.js';
import { recordedCertificates, successorsOf } from '../support/record.js';
import { lapse, recover, recoverToken } from '../support/recover.js';

const hour = { EVERLEAF_CLIENT_VALIDITY: '1h' };
const central = { EVERLEAF_MODE: 'central' };

describe('a lapsed line in central mode', () => {
  it('CS-1.6: of an application comes back under its tenant and group', async () => {
    const gateway = await startCentral(hour);
    const [lapsed] = [
      await pairClient(gateway, centralApp()),
      await pairClient(gateway, centralApp({ tenant: 'other' })),
    ];
    lapse(gateway);
    const token = await recoverToken(gateway, 'tenant/group/app', central);
    const other = enrolClient(gateway, centralApp({ tenant: 'other' }), { token });
    expect((await other.expect(400)).body.error).toBe('CSR: Invalid organization provided.');
    await enrolClient(gateway, centralApp(), { token }).expect(201);
    expect(await successorsOf(gateway, lapsed.sha256)).toMatchObject([
      { kind: 'application', holder: 'tenant/group/app', line: lapsed.sha256 },
    ]);
  });

  it('CS-1.5: of a runtime comes back under its own prefix alone', async () => {
    const gateway = await startCentral(hour);
    const runtime = centralRuntime();
    const lapsed = await pairClient(gateway, runtime);
    lapse(gateway);
    const token = await recoverToken(gateway, 'tenant/group', central);
    const elsewhere = call(gateway, 'get', `${pathsOf('application').signingInfo}?token=${token}`);
    expect((await elsewhere.expect(403)).body).toMatchObject({ error: 'Invalid token.' });
    const path = `${pathsOf('runtime').signingInfo}?token=${token}`;
    const { body } = await call(gateway, 'get', path).expect(200);
    expect(body.certificate.subject).toContain('O=tenant,OU=group,');
    const second = String(body.csrUrl).slice(-88);
    await enrolClient(gateway, centralApp({ application: '*Runtime*' }), { token: second }).expect(
      403,
    );
    await enrolClient(gateway, runtime, { token: second }).expect(201);
    expect(await successorsOf(gateway, lapsed.sha256)).toMatchObject([
      { kind: 'runtime', holder: 'tenant/group', line: lapsed.sha256 },
    ]);
  });

  it('CS-1.6: of an application that was paired in standalone mode comes back as it was', async () => {
    const gateway = await startTestGateway(hour);
    const lapsed = await pair(gateway);
    const changed = await gateway.restart(central);
    lapse(changed);
    const token = await recoverToken(changed, 'app', central);
    await recover(changed, lapsed, token).expect(201);
    const holders = (await recordedCertificates(changed)).map(({ holder }) => holder);
    expect(holders).toEqual(['app', 'app']);
  });
});
