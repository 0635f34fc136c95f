import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import BetterSqlite3 from 'better-sqlite3';
import { makeAuthority } from '../../src/authority/authority.js';
import type { Authority } from '../../src/authority/authority.js';
import { makeCurrentRevocationList } from '../../src/authority/current-revocation-list.js';
import { makeRevocationListStore } from '../../src/authority/revocation-list-store.js';
import { makeReadRevoked } from '../../src/authority/revoked-entries.js';
import { makeSigner } from '../../src/pki/authority-key.js';
import { readCertificate } from '../../src/pki/certificate-facts.js';
import { makeSelfSignedAuthority } from '../../src/pki/certificate-template.js';
import { newSerialNumber } from '../../src/pki/serial-number.js';
import { openDatabase } from '../../src/storage/database.js';
import type { Database } from '../../src/storage/database.js';
import { makeKey, subjectOf } from './fleet.js';
import type { ListOrder, ListRun } from './revocation-list.js';

const now = (): number => Math.floor(Date.now() / 1000);

process.on('message', (order: ListOrder) => {
  void measure(order).then((runs) => process.send?.(runs));
});

async function measure({ folder, entries, runs }: ListOrder): Promise<ListRun[]> {
  const file = join(folder, 'revoked.db');
  const database = await openDatabase(`sqlite:${file}`);
  const authority = await makeTestAuthority(database);
  fill(file, { authorityId: authority.id, entries });
  const measured: ListRun[] = [];
  // The first ones warm up the compiler and are not counted.
  for (let run = -2; run < runs; run += 1) {
    await database.db
      .updateTable('revocation_lists')
      .set(({ eb }) => ({ number: eb('number', '+', 1) }))
      .execute();
    const build = await timed(database, authority);
    const restore = await timed(database, authority);
    if (run >= 0) measured.push({ build, restore });
  }
  await database.close();
  return measured;
}

/** From nothing in memory: what is not signed for the present number is built, what is signed is restored. */
async function timed(database: Database, authority: Authority): Promise<ListRun['build']> {
  const currentRevocationList = makeCurrentRevocationList({
    store: makeRevocationListStore(database),
    readRevoked: makeReadRevoked(database.db),
    clock: now,
  });
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  await setTimeout(20);
  delays.reset();
  const before = process.cpuUsage();
  const start = performance.now();
  await currentRevocationList(authority);
  const totalMs = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  await setTimeout(5);
  delays.disable();
  return { totalMs, cpuMs: (user + system) / 1000, longestBlockMs: delays.max / 1e6 };
}

async function makeTestAuthority({ db }: Database): Promise<Authority> {
  const signer = makeSigner(makeKey('ec-p256'));
  const serial = newSerialNumber(randomBytes);
  const subject = subjectOf('revocation list');
  const times = { notBefore: now(), notAfter: now() + 86_400 };
  const der = await makeSelfSignedAuthority({ signer, subject, serial, ...times });
  const authority = makeAuthority({
    issuer: { certificate: readCertificate(der), signer },
    chain: [],
  });
  const row = { id: authority.id, purpose: 'clients', state: 'active' as const, certificate: '' };
  await db
    .insertInto('authorities')
    .values({ ...row, chain: '', sealed_key: null, created_at: now() })
    .execute();
  return authority;
}

/** Revoked certificates of the usual size, in no order, as a whole fleet on its worst day. */
function fill(
  file: string,
  { authorityId, entries }: { authorityId: string; entries: number },
): void {
  const sqlite = new BetterSqlite3(file);
  sqlite
    .prepare(
      `with recursive counted(n) as (select 1 union all select n + 1 from counted where n < :entries)
       insert into certificates (sha256, authority_id, serial, origin, kind, holder, subject, spki_sha256,
         not_before, not_after, issued_at, line, revoked_at, revocation_reason, der)
       select lower(hex(randomblob(32))), :authorityId, '40' || lower(hex(randomblob(15))), 'issued', 'application',
         'app-' || n, 'CN=app', lower(hex(randomblob(32))), :now, :now + 8000000, :now,
         lower(hex(randomblob(32))), :now - n % 2592000, 'superseded', hex(randomblob(420)) from counted`,
    )
    .run({ entries, authorityId, now: now() });
  sqlite.close();
}
