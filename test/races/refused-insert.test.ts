import { describe, expect, it } from '@jest/globals';
import { describeOnEachDatabase, describeOnPostgres } from '../support/databases.js';
import { call, createToken, csrBody, pair, renew, subjectOf } from '../support/gateway.js';
import { rowCounts } from '../support/record.js';
import { refuseInserts } from '../support/refuse-inserts.js';
import type { RefusedTable } from '../support/refuse-inserts.js';
import { startReplicas } from '../support/replicas.js';
import { makeKey } from '../support/requests.js';

/** A fault of the gateway as a client may see it. */
function expectFault(answer: { status: number; type: string; body: unknown; text: string }): void {
  expect(answer.status).toBe(500);
  expect(answer.type).toBe('application/json');
  expect(answer.body).toMatchObject({ code: 500, reason: 'internal' });
  expect(answer.body).not.toHaveProperty('crt');
  expect(answer.text).not.toContain('SECRET');
  expect(answer.text).not.toContain('CERTIFICATE');
}

describeOnEachDatabase('the database refuses a row after signing', (fresh) => {
  describe.each<RefusedTable>(['certificates', 'audit_events', 'public_keys'])('of %s', (table) => {
    it('HI-R9: gives no certificate for a renewal, and gives one when it works again', async () => {
      const [gateway] = await startReplicas((await fresh()).url);
      const holder = await pair(gateway);
      const key = makeKey('prime256v1');
      const allow = await refuseInserts(gateway.database, table);
      const before = await rowCounts(gateway);

      const answers = await Promise.all([1, 2, 3].map(() => renew(gateway, holder, { key })));

      for (const answer of answers) expectFault(answer);
      expect(await rowCounts(gateway)).toEqual(before);
      await allow();
      await renew(gateway, holder, { key }).expect(201);
    });

    it('HI-R9: gives no certificate for a token, which stays good', async () => {
      const [gateway] = await startReplicas((await fresh()).url);
      const token = await createToken(gateway, 'app');
      const body = csrBody({ key: makeKey('prime256v1'), subject: subjectOf('app') });
      const enrol = () =>
        call(gateway, 'post', `/v1/applications/certificates?token=${token}`).send(body);
      const allow = await refuseInserts(gateway.database, table);
      const before = await rowCounts(gateway);

      expectFault(await enrol());

      expect(await rowCounts(gateway)).toEqual(before);
      await allow();
      await enrol().expect(201);
    });
  });

  it('HI-R9: revokes nothing when the audit event is refused', async () => {
    const [gateway] = await startReplicas((await fresh()).url);
    const holder = await pair(gateway);
    const revoke = () =>
      call(gateway, 'post', '/v1/applications/certificates/revocations', holder).send('');
    const allow = await refuseInserts(gateway.database, 'audit_events');

    expectFault(await revoke());

    await allow();
    await renew(gateway, holder).expect(201);
    await revoke().expect(201);
  });
});

describeOnPostgres('the database refuses the commit after signing', (fresh) => {
  it('HI-R9: gives no certificate to one or to many at once', async () => {
    const [gateway] = await startReplicas((await fresh()).url);
    const holder = await pair(gateway);
    const allow = await refuseInserts(gateway.database, 'certificates', { atCommit: true });
    const before = await rowCounts(gateway);

    expectFault(await renew(gateway, holder));
    const renewals = Array.from({ length: 10 }, () => renew(gateway, holder));
    for (const answer of await Promise.all(renewals)) expectFault(answer);

    expect(await rowCounts(gateway)).toEqual(before);
    await allow();
    await renew(gateway, holder).expect(201);
  });
});
