import { describe, expect, it } from '@jest/globals';
import { commandLine } from '../support/command-line.js';
import { issueElsewhere } from '../support/foreign-certificate.js';
import { pair } from '../support/gateway.js';
import { askWith, certPair, trustsThisMachine } from '../support/proxy.js';
import { recordedCertificates } from '../support/record.js';
import { renewed, rotate } from '../support/roll-over.js';
import { adopting, info, takeOver } from '../support/take-over.js';

const hashAlone =
  'The proxy forwarded its hash alone, which is known of certificates on record: let it forward Cert.';

describe('an adopted certificate', () => {
  it('has brought nobody the published bundle: an activation names its holder until it renews', async () => {
    const { gateway, authority } = await takeOver();
    const [told, untold] = ['told', 'untold'].map((application) =>
      issueElsewhere(authority, { application }),
    );
    if (!told || !untold) throw new Error('nobody was there');
    await rotate(gateway, 'prepare');
    for (const holder of [told, untold]) await info(gateway, holder).expect(200);
    await renewed(gateway, told);
    const { leftBehind } = await rotate(gateway, 'activate');
    expect(leftBehind).toEqual([{ holder: 'untold', kind: 'application' }]);
  });

  it('is asked to renew when its authority was hinted after its issue and before its adoption', async () => {
    const { gateway, authority } = await takeOver();
    const paired = await pair(gateway, 'paired');
    const holder = issueElsewhere(authority);
    const id = gateway.caSha256.slice(0, 16);
    expect(await commandLine(gateway, `certificate hint --authority ${id}`)).toEqual({ count: 1 });
    gateway.clock.advance(1);
    for (const hinted of [paired, holder]) {
      const { body } = await info(gateway, hinted).expect(200);
      expect(Date.parse(body.renewal.end) / 1000).toBeLessThan(gateway.clock.now());
    }
  });

  it('HI-P1: goes on record by a proxy that forwards it, not by its hash alone, which is told', async () => {
    const { gateway, authority } = await takeOver({ ...adopting, ...trustsThisMachine });
    const holder = issueElsewhere(authority);
    const { body } = await askWith(gateway, `Hash=${holder.sha256}`).expect(403);
    expect(body).toMatchObject({
      reason: 'certificate-unknown',
      detail: `${hashAlone} Ask the operator of the gateway for a new token and pair again.`,
    });
    expect(await recordedCertificates(gateway)).toEqual([]);
    await askWith(gateway, `Hash=${holder.sha256};${certPair(holder)}`).expect(200);
    await askWith(gateway, `Hash=${holder.sha256}`).expect(200);
  });
});
