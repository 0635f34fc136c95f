import { expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { makeStores } from '../../src/gateway/stores.js';
import { readCertificate } from '../../src/pki/certificate-facts.js';
import { describeOnEachDatabase, describeOnPostgres } from '../support/databases.js';
import { issueElsewhere } from '../support/foreign-certificate.js';
import { decodeAnswer, renew } from '../support/gateway.js';
import type { Holder, TestGateway } from '../support/gateway.js';
import { eventsOf, recordedCertificates, rowCounts } from '../support/record.js';
import { untilSomebodyWaits } from '../support/record.js';
import { refuseInserts } from '../support/refuse-inserts.js';
import type { RefusedTable } from '../support/refuse-inserts.js';
import { atOnce } from '../support/replicas.js';
import { makeKey } from '../support/requests.js';
import { info, takeOverTwice } from '../support/take-over.js';

const deny = ({ database, clock }: TestGateway, ...sha256s: readonly string[]) =>
  makeStores(database, clock.now).deny({ sha256s, reason: 'unspecified', actor: 'cli:test' });

function spkiSha256Of({ certPem }: Holder): string {
  return readCertificate(new X509Certificate(certPem).raw).spkiSha256;
}

/** Denied before it was adopted, or adopted and then revoked: it never stays good. */
async function expectGone(gateway: TestGateway, holder: Holder): Promise<'denied' | 'revoked'> {
  const row = (await recordedCertificates(gateway)).find(({ sha256 }) => sha256 === holder.sha256);
  const noted = await gateway.database.db
    .selectFrom('denied_certificates')
    .select('sha256')
    .where('sha256', '=', holder.sha256)
    .execute();
  await info(gateway, holder).expect(403);
  expect(noted).toHaveLength(row ? 0 : 1);
  if (row) expect(row.revoked_at).not.toBeNull();
  return row ? 'revoked' : 'denied';
}

describeOnEachDatabase('the first use of a certificate from elsewhere', (fresh) => {
  it('puts it on record once, of 20 at once on two replicas', async () => {
    const { replicas, authority } = await takeOverTwice((await fresh()).url);
    const holder = issueElsewhere(authority);
    await atOnce(replicas, 20, (gateway) => info(gateway, holder).expect(200));
    expect(await recordedCertificates(replicas[0])).toMatchObject([{ sha256: holder.sha256 }]);
    expect(await eventsOf(replicas[0], 'certificate.adopted')).toHaveLength(1);
  });

  it('gives one successor to 20 equal renewals at once', async () => {
    const { replicas, authority } = await takeOverTwice((await fresh()).url);
    const holder = issueElsewhere(authority, { key: makeKey('rsa-2048') });
    const answers = await atOnce(replicas, 20, (gateway) => renew(gateway, holder).expect(201));
    expect(new Set(answers.map(({ body }) => decodeAnswer(body).clientCrt)).size).toBe(1);
    expect(await recordedCertificates(replicas[0])).toHaveLength(2);
    expect(await eventsOf(replicas[0], 'certificate.adopted')).toHaveLength(1);
  });

  it('gives a key to one of the applications that come with it at once', async () => {
    const { replicas, authority } = await takeOverTwice((await fresh()).url);
    const key = makeKey('prime256v1');
    const holders = ['one', 'two', 'three', 'four'].map((application) =>
      issueElsewhere(authority, { application, key }),
    );
    const answers = await atOnce(replicas, 20, (gateway, turn) => {
      const holder = holders[turn % 4];
      if (holder === undefined) throw new Error('there is a holder for each turn');
      return info(gateway, holder);
    });
    const served = new Set(
      answers.flatMap(({ status }, turn) => (status === 200 ? [turn % 4] : [])),
    );
    expect(served.size).toBe(1);
    expect(answers.filter(({ status }) => status === 403)).toHaveLength(15);
    expect(await recordedCertificates(replicas[0])).toHaveLength(1);
    expect(await eventsOf(replicas[0], 'certificate.adopted')).toHaveLength(1);
  });

  it('and its denial at once leave it refused, whichever comes first', async () => {
    const { replicas, authority } = await takeOverTwice((await fresh()).url);
    const holders = Array.from({ length: 12 }, (_, serial) =>
      issueElsewhere(authority, { application: `app-${String(serial)}` }),
    );
    await Promise.all(
      holders.flatMap((holder, turn) => {
        const [one, other] = turn % 2 === 0 ? replicas : [replicas[1], replicas[0]];
        const acts = [() => info(one, holder), () => deny(other, holder.sha256)];
        return (turn % 4 < 2 ? acts : acts.reverse()).map((act) => Promise.resolve(act()));
      }),
    );
    for (const holder of holders) await expectGone(replicas[0], holder);
  });

  it.each<RefusedTable>(['certificates', 'audit_events', 'public_keys'])(
    'leaves nothing when the database refuses a row of %s, and succeeds when it works again',
    async (table) => {
      const { replicas, authority } = await takeOverTwice((await fresh()).url);
      const [gateway] = replicas;
      const holder = issueElsewhere(authority);
      const allow = await refuseInserts(gateway.database, table);
      const before = await rowCounts(gateway);
      const answers = await atOnce(replicas, 6, (replica) => info(replica, holder));
      for (const { status, body, text } of answers) {
        expect({ status, reason: body.reason }).toEqual({ status: 500, reason: 'internal' });
        expect(text).not.toContain('SECRET');
      }
      expect(await rowCounts(gateway)).toEqual(before);
      await allow();
      await info(gateway, holder).expect(200);
    },
  );

  it('is undone by a denial of many that fails half-way, and by none of it', async () => {
    const { replicas, authority } = await takeOverTwice((await fresh()).url);
    const [gateway] = replicas;
    const holder = issueElsewhere(authority);
    await info(gateway, holder).expect(200);
    const allow = await refuseInserts(gateway.database, 'audit_events');
    const hashes = Array.from({ length: 1200 }, (_, at) => at.toString(16).padStart(64, '0'));
    await expect(deny(gateway, ...hashes, holder.sha256)).rejects.toMatchObject({
      message: 'SECRET of the database',
    });
    await allow();
    await info(gateway, holder).expect(200);
    expect(await deny(gateway, ...hashes, ...hashes, holder.sha256)).toEqual({
      added: 1200,
      revoked: 1,
      known: 0,
    });
    expect(await deny(gateway, ...hashes, holder.sha256)).toEqual({
      added: 0,
      revoked: 0,
      known: 1201,
    });
    expect(await eventsOf(gateway, 'certificate.denied')).toHaveLength(1200);
    await info(gateway, holder).expect(403);
  });
});

describeOnPostgres('an adoption that takes its time', (fresh) => {
  it('waits for a denial under way, and then finds itself denied', async () => {
    const { replicas, authority } = await takeOverTwice((await fresh()).url);
    const [gateway, other] = replicas;
    const holder = issueElsewhere(authority);
    let use: Promise<unknown> | undefined;
    await gateway.database.transaction(async (trx) => {
      await trx.selectFrom('authorities').select('id').forUpdate().execute();
      await trx
        .insertInto('denied_certificates')
        .values({ sha256: holder.sha256, reason: 'unspecified', denied_at: 1 })
        .execute();
      use = info(gateway, holder).expect(403).then(String);
      await untilSomebodyWaits(other.database);
    });
    await use;
    expect(await recordedCertificates(gateway)).toEqual([]);
  });

  it('is seen by a denial that comes meanwhile, which revokes it', async () => {
    const { replicas, authority } = await takeOverTwice((await fresh()).url);
    const [gateway, other] = replicas;
    const holder = issueElsewhere(authority);
    let use: Promise<unknown> | undefined;
    let denial: Promise<unknown> | undefined;
    await gateway.database.transaction(async (trx) => {
      // The adoption has held its authority and waits for the key.
      await trx
        .insertInto('public_keys')
        .values({
          spki_sha256: spkiSha256Of(holder),
          kind: 'application',
          holder: 'app',
          compromised_at: null,
        })
        .execute();
      use = info(gateway, holder).expect(200).then(String);
      await untilSomebodyWaits(other.database);
      denial = deny(other, holder.sha256);
      await untilSomebodyWaits(other.database, 2);
    });
    await use;
    expect(await denial).toEqual({ added: 0, revoked: 1, known: 0 });
    expect(await expectGone(gateway, holder)).toBe('revoked');
  });

  it('does not survive the retirement of its authority that comes first', async () => {
    const { replicas, authority } = await takeOverTwice((await fresh()).url);
    const [gateway, other] = replicas;
    const holder = issueElsewhere(authority);
    let use: Promise<unknown> | undefined;
    await gateway.database.transaction(async (trx) => {
      await trx.updateTable('authorities').set({ state: 'retired' }).execute();
      use = info(gateway, holder).expect(403).then(String);
      await untilSomebodyWaits(other.database);
    });
    await use;
    expect(await recordedCertificates(gateway)).toEqual([]);
  });
});
