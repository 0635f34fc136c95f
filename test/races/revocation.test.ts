import { expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { describeOnEachDatabase, describeOnPostgres } from '../support/databases.js';
import { call, callAdmin, holderFrom, pair, renew } from '../support/gateway.js';
import type { Holder, TestGateway } from '../support/gateway.js';
import {
  eventsOf,
  recordedCertificates,
  successorsOf,
  untilSomebodyWaits,
} from '../support/record.js';
import { atOnce, startReplicas } from '../support/replicas.js';
import type { Replicas } from '../support/replicas.js';
import { makeKey } from '../support/requests.js';

function revoke(gateway: TestGateway, holder: Holder, reason: string) {
  const path = '/v1/applications/certificates/revocations';
  return call(gateway, 'post', path, holder).send(JSON.stringify({ reason }));
}

function renewWithNewKey(gateway: TestGateway, holder: Holder) {
  return renew(gateway, holder, { key: makeKey('prime256v1') });
}

/** Renews again and again, each time with the certificate of the answer before, until that is refused. */
async function walk(input: {
  readonly replicas: Replicas;
  readonly root: Holder;
  readonly step: () => void;
}): Promise<{ readonly status: number; readonly reason: string }> {
  let tip = input.root;
  for (let turn = 0; ; turn += 1) {
    const key = makeKey('prime256v1');
    const answer = await renew(input.replicas[turn % 2 === 0 ? 0 : 1], tip, { key });
    if (answer.status !== 201) return { status: answer.status, reason: answer.body.reason };
    tip = holderFrom(answer.body, { application: tip.application, key });
    input.step();
  }
}

/** Resolves after so many steps. */
function countdown(steps: number): { readonly step: () => void; readonly over: Promise<void> } {
  let left = steps;
  let finish = (): void => undefined;
  const over = new Promise<void>((resolve) => (finish = resolve));
  return {
    over,
    step: () => {
      left -= 1;
      if (left === 0) finish();
    },
  };
}

describeOnEachDatabase('renewal against revocation', (fresh) => {
  it('HI-R3: is refused, or on record before the revocation', async () => {
    const replicas = await startReplicas((await fresh()).url);

    for (let round = 0; round < 8; round += 1) {
      const holder = await pair(replicas[0], `app-${String(round)}`);
      const answers = await atOnce(replicas, 13, (gateway, turn) =>
        turn === 2 + round
          ? revoke(gateway, holder, 'superseded')
          : renewWithNewKey(gateway, holder),
      );

      const statuses = answers.map(({ status }) => status);
      expect(statuses[2 + round]).toBe(201);
      const refused = answers.filter(({ status }) => status !== 201);
      for (const { body } of refused) {
        expect(body).toMatchObject({ code: 403, error: 'Certificate has been revoked.' });
      }
      const successors = await successorsOf(replicas[0], holder.sha256);
      expect(successors).toHaveLength(12 - refused.length);
      await renewWithNewKey(replicas[1], holder).expect(403);
    }
    const events = await eventsOf(replicas[0], 'certificate.renewed', 'certificate.revoked');
    for (const revocation of events.filter(({ action }) => action === 'certificate.revoked')) {
      const after = events.filter(({ id, holder }) => {
        return holder === revocation.holder && id > revocation.id;
      });
      expect(after).toEqual([]);
    }
  });

  it('HI-R3: leaves no descendant unrevoked after a compromise, while the chain is extended', async () => {
    const replicas = await startReplicas((await fresh()).url);

    for (let round = 1; round <= 4; round += 1) {
      const root = await pair(replicas[0], `app-${String(round)}`);
      const { step, over } = countdown(round * 5);
      const walkers = Promise.all(Array.from({ length: 4 }, () => walk({ replicas, root, step })));
      await over;
      const gateway = replicas[round % 2 === 0 ? 0 : 1];
      const [ends] = await Promise.all([
        walkers,
        revoke(gateway, root, 'keyCompromise').expect(201),
      ]);

      expect(ends).toEqual(Array(4).fill({ status: 403, reason: 'certificate-revoked' }));
      const line = (await recordedCertificates(replicas[0])).filter(
        ({ line }) => line === root.sha256,
      );
      expect(line.length).toBeGreaterThan(round * 5);
      expect(line.filter(({ revoked_at }) => revoked_at === null)).toEqual([]);
      const sound = await replicas[0].database.db
        .selectFrom('public_keys')
        .select('spki_sha256')
        .where('holder', '=', root.application)
        .where('compromised_at', 'is', null)
        .execute();
      expect(sound).toEqual([]);
    }
  });

  it('HI-R3: leaves other lines of the same application alone', async () => {
    const replicas = await startReplicas((await fresh()).url);
    const [root, other] = [await pair(replicas[0]), await pair(replicas[0])];

    await atOnce(replicas, 6, (gateway, turn) =>
      turn === 0 ? revoke(gateway, root, 'keyCompromise') : renewWithNewKey(gateway, other),
    );

    await renewWithNewKey(replicas[1], other).expect(201);
    await renewWithNewKey(replicas[1], root).expect(403);
  });

  it('HI-R3: revokes once when 20 ask for it at once, holder and operator', async () => {
    const replicas = await startReplicas((await fresh()).url);
    const holder = await pair(replicas[0]);
    const byOperator = () =>
      callAdmin(replicas[0], 'post', '/v1/applications/certificates/revocations').send(
        JSON.stringify({ hash: holder.sha256 }),
      );

    const answers = await atOnce(replicas, 20, (gateway, turn) =>
      turn % 3 === 0 ? byOperator() : revoke(gateway, holder, 'superseded'),
    );

    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(201));
    expect(await eventsOf(replicas[0], 'certificate.revoked')).toHaveLength(1);
  });
});

/**
 * Who has waited this long looks for a circle, once, and gives way. The revocation waits first: the circle must be
 * closed before it looks, on the slowest machine too, or the other side would be the one to give way.
 */
function patientAboutDeadlocks(url: string): string {
  const patient = new URL(url);
  patient.searchParams.set('options', '-c deadlock_timeout=5s');
  return patient.href;
}

describeOnPostgres('a revocation that waits in a circle with a renewal', (fresh) => {
  it('HI-R3: gives way and is done all the same', async () => {
    const [gateway] = await startReplicas(patientAboutDeadlocks((await fresh()).url));
    const root = await pair(gateway);
    const key = makeKey('prime256v1');
    const { body } = await renew(gateway, root, { key }).expect(201);
    const tip = holderFrom(body, { application: root.application, key });

    let revocation: Promise<unknown> | undefined;
    await gateway.database.transaction(async (trx) => {
      await sql`set local deadlock_timeout = '1min'`.execute(trx);
      const lock = ({ sha256 }: Holder) =>
        trx
          .updateTable('certificates')
          .set({ issued_at: gateway.clock.now() })
          .where('sha256', '=', sha256)
          .execute();
      await lock(tip);
      revocation = revoke(gateway, root, 'keyCompromise').expect(201).then(String);
      await untilSomebodyWaits(gateway.database);
      await lock(root);
    });
    await revocation;

    const { db } = gateway.database;
    const certificates = db
      .selectFrom('certificates')
      .select('sha256')
      .where('kind', '=', 'application');
    expect(await certificates.where('revoked_at', 'is', null).execute()).toEqual([]);
    expect(await eventsOf(gateway, 'certificate.revoked')).toHaveLength(1);
  });
});
