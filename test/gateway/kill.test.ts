import { describe, expect, it } from '@jest/globals';
import BetterSqlite3 from 'better-sqlite3';
import { join } from 'node:path';
import { startToKill } from '../support/killed-gateways.js';
import { temporaryDirectories } from '../support/databases.js';
import { clientOf, pairByToken, randomMoment, renewOnce, renewUntilGone } from '../support/load.js';
import type { RememberedRenewal } from '../support/load.js';

const newDirectory = temporaryDirectories();

const start = (home: string) => startToKill(home, { EVERLEAF_RENEWAL_RATE: '100000' });

interface Recorded {
  readonly integrity: unknown;
  /** SHA-256 of every certificate that came of a renewal. */
  readonly renewed: ReadonlySet<string>;
  /** SHA-256 of every certificate that an audit event of a renewal names. */
  readonly audited: ReadonlySet<string>;
}

function readRecord(home: string): Recorded {
  const sqlite = new BetterSqlite3(join(home, 'everleaf.db'));
  const column = (query: string): Set<string> =>
    new Set(sqlite.prepare<[], string>(query).pluck().all());
  const recorded = {
    integrity: sqlite.pragma('integrity_check', { simple: true }),
    renewed: column('select sha256 from certificates where predecessor is not null'),
    audited: column("select certificate from audit_events where action = 'certificate.renewed'"),
  };
  sqlite.close();
  return recorded;
}

function receivedOf(renewals: readonly RememberedRenewal[]): string[] {
  return renewals.flatMap(({ received }) => (received === undefined ? [] : [received.sha256]));
}

describe('a gateway that is killed under a load of renewals', () => {
  it('keeps every certificate that a client received, and gives the same answer again', async () => {
    const home = join(newDirectory(), 'home');
    let gateway = await start(home);
    const client = await clientOf(home);
    const holders = await Promise.all(
      Array.from({ length: 6 }, (_, index) => pairByToken(gateway, client, `app-${String(index)}`)),
    );
    const all: RememberedRenewal[] = [];

    for (let round = 0; round < 6; round += 1) {
      const struck = gateway;
      const moment = randomMoment();
      const renewals = await renewUntilGone(struck, client, {
        holders,
        onAnswer: (count) => {
          // In the middle of whatever it is doing then, not at the moment of the answer.
          if (count === moment) setImmediate(() => struck.kill('SIGKILL'));
        },
      });
      await struck.ended;
      all.push(...renewals);

      const { integrity, renewed, audited } = readRecord(home);
      expect(integrity).toBe('ok');
      expect(receivedOf(all).filter((sha256) => !renewed.has(sha256))).toEqual([]);
      expect(audited).toEqual(renewed);

      gateway = await start(home);
      const last = renewals.slice(-holders.length * 2);
      for (const renewal of last) {
        const again = await renewOnce(gateway, client, renewal);
        expect(again.received).toBeDefined();
        if (renewal.received !== undefined)
          expect(again.received?.sha256).toBe(renewal.received.sha256);
        all.push(again);
      }
    }

    expect(receivedOf(all).length).toBeGreaterThan(20);
    expect([...readRecord(home).renewed].sort()).toEqual([...new Set(receivedOf(all))].sort());
  }, 120_000);
});

describe('a gateway that is told to stop under a load of renewals', () => {
  it('answers every renewal that it put on record, and ends with exit code 0', async () => {
    const home = join(newDirectory(), 'home');
    let gateway = await start(home);
    const client = await clientOf(home);
    const holders = await Promise.all(
      Array.from({ length: 6 }, (_, index) => pairByToken(gateway, client, `app-${String(index)}`)),
    );
    const all: RememberedRenewal[] = [];

    for (let round = 0; round < 4; round += 1) {
      const struck = gateway;
      const moment = randomMoment();
      const renewals = await renewUntilGone(struck, client, {
        holders,
        onAnswer: (count) => {
          if (count === moment) struck.kill('SIGTERM');
        },
      });
      const { code } = await struck.ended;
      all.push(...renewals);

      expect(code).toBe(0);
      const { integrity, renewed, audited } = readRecord(home);
      expect(integrity).toBe('ok');
      expect(new Set(receivedOf(all))).toEqual(renewed);
      expect(audited).toEqual(renewed);
      gateway = await start(home);
    }
  }, 120_000);
});
