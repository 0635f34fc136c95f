import { describe, expect, it } from '@jest/globals';
import { pathsOf } from '../../src/connector/paths.js';
import {
  centralApp,
  centralRuntime,
  enrolClient,
  pairClient,
  startCentral,
  tokenFor,
} from '../support/central.js';
import { call, csrBody } from '../support/gateway.js';
import { makeKey } from '../support/requests.js';
import { eventsOf, recordedCertificates, rowCounts } from '../support/record.js';
import { refusals } from '../support/refusals.js';
import { expectFailure } from './shape.js';

const pairs = [
  ['an application', centralApp(), centralRuntime()],
  ['a runtime', centralRuntime(), centralApp()],
] as const;

const refusedToken = {
  status: 403,
  reason: 'token-unknown',
  error: 'Invalid token.',
  detail: /kind of client/,
} as const;

describe.each(pairs)('what belongs to %s, under the other prefix', (_who, own, other) => {
  it('CS-1.5, CS-2: its token is refused there, in both steps, and stays good', async () => {
    const gateway = await startCentral();
    const token = await tokenFor(gateway, own);
    const before = await rowCounts(gateway);
    const askThere = async (some: string) => {
      const info = await call(gateway, 'get', `${pathsOf(other.kind).signingInfo}?token=${some}`);
      expectFailure(info, refusedToken);
      expectFailure(await enrolClient(gateway, other, { token: some }), refusedToken);
    };
    await askThere(token);
    const { enrolment_tokens: tokens } = await rowCounts(gateway);
    expect(tokens).toBe(before['enrolment_tokens']);
    const path = `${pathsOf(own.kind).signingInfo}?token=${token}`;
    const second = String((await call(gateway, 'get', path).expect(200)).body.csrUrl).slice(-88);
    await askThere(second);
    await enrolClient(gateway, own, { token: second }).expect(201);
    expect(await recordedCertificates(gateway, other.kind)).toEqual([]);
  });

  it('CS-1.5: its certificate is 403 on info and renewals there, never 500', async () => {
    const gateway = await startCentral();
    const holder = await pairClient(gateway, own);
    const paths = pathsOf(other.kind);
    const csr = csrBody({ key: makeKey('prime256v1') });
    for (const answer of [
      await call(gateway, 'get', paths.managementInfo, holder),
      await call(gateway, 'post', paths.renewals, holder).send(csr),
    ]) {
      expectFailure(answer, {
        status: 403,
        reason: 'certificate-wrong-kind',
        error: `${own.kind === 'runtime' ? 'A' : 'An'} ${own.kind} certificate is not accepted here.`,
      });
      expect(answer.headers['connection']).toBe('close');
    }
    expect(await refusals(gateway)).toContainEqual([
      'warning',
      `${own.kind}:${own.kind === 'runtime' ? 'tenant/group' : 'tenant/group/app'}`,
      'certificate-wrong-kind',
    ]);
    await call(gateway, 'get', pathsOf(own.kind).managementInfo, holder).expect(200);
  });

  it('CS-1.5, CS-5: its certificate may be revoked there by its holder', async () => {
    const gateway = await startCentral();
    const holder = await pairClient(gateway, own);
    const path = pathsOf(other.kind).revocations;
    await call(gateway, 'post', path, holder).send('{"reason":"superseded"}').expect(201);
    await call(gateway, 'post', path, holder).expect(201);
    await call(gateway, 'get', pathsOf(own.kind).managementInfo, holder).expect(403);
    expect(await eventsOf(gateway, 'certificate.revoked')).toHaveLength(1);
  });
});
