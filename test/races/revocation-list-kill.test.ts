import { expect, it } from '@jest/globals';
import BetterSqlite3 from 'better-sqlite3';
import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import request from 'supertest';
import { startToKill } from '../support/killed-gateways.js';
import { temporaryDirectories } from '../support/databases.js';
import type { Holder } from '../support/gateway.js';
import { clientOf, pairByToken, randomMoment } from '../support/load.js';
import type { LoadClient } from '../support/load.js';
import { plainSerial, readList } from '../support/revocation-list.js';
import type { ReadList } from '../support/revocation-list.js';
import type { Serve } from '../support/serve.js';

const newDirectory = temporaryDirectories();

function listPath(home: string): string {
  const sqlite = new BetterSqlite3(join(home, 'everleaf.db'), { readonly: true });
  const id = sqlite.prepare('select id from authorities').pluck().get();
  sqlite.close();
  return `/pki/${String(id)}.crl`;
}

/** The list as it arrived; undefined where the gateway was gone. */
async function fetchList({ pkiUrl }: Serve, path: string): Promise<Buffer | undefined> {
  try {
    const answer = await fetch(`${pkiUrl}${path}`);
    return answer.status === 200 ? Buffer.from(await answer.arrayBuffer()) : undefined;
  } catch {
    // a connection that breaks off is what happens to clients of a killed gateway
    return undefined;
  }
}

/** Whether the gateway said that it did. */
async function revoke({ gatewayUrl }: Serve, { ca }: LoadClient, holder: Holder): Promise<boolean> {
  const answer = await request(gatewayUrl)
    .post('/v1/applications/certificates/revocations')
    .ca(ca)
    .cert(holder.certPem)
    .key(holder.keyPem)
    .then(
      ({ status }) => status,
      () => undefined,
    );
  return answer === 201;
}

it('HI-R8: CRL numbers go up across kill -9, and no answered revocation is missing', async () => {
  const home = join(newDirectory(), 'home');
  let gateway = await startToKill(home);
  const client = await clientOf(home);
  const path = listPath(home);
  const read = (der: Buffer): Promise<ReadList> => readList({ home }, der);
  const lists = new Map<number, string>();
  const revoked: string[] = [];

  for (let round = 0; round < 4; round += 1) {
    const struck = gateway;
    const holders = [
      await pairByToken(struck, client, `app-${String(round)}`),
      await pairByToken(struck, client, `other-${String(round)}`),
    ];
    const arrived: Buffer[] = [];
    const moment = randomMoment();
    const fetchUntilGone = async (): Promise<void> => {
      for (let der = await fetchList(struck, path); der; der = await fetchList(struck, path)) {
        arrived.push(der);
        // In the middle of whatever it is doing then, not at the moment of the answer.
        if (arrived.length === moment) setImmediate(() => struck.kill('SIGKILL'));
      }
    };
    const fetching = Promise.all([fetchUntilGone(), fetchUntilGone()]);
    for (const holder of holders) {
      if (await revoke(struck, client, holder))
        revoked.push(plainSerial(new X509Certificate(holder.certPem).serialNumber));
    }
    await fetching;
    await struck.ended;

    gateway = await startToKill(home);
    const after = await fetchList(gateway, path);
    if (after === undefined) throw new Error('the gateway does not serve its list after a kill');
    const distinct = new Map([...arrived, after].map((der) => [der.toString('hex'), der]));
    for (const der of distinct.values()) {
      const { number } = await read(der);
      expect(lists.get(number) ?? der.toString('hex')).toBe(der.toString('hex'));
      lists.set(number, der.toString('hex'));
    }
    const last = await read(after);
    expect(last.number).toBe(Math.max(...lists.keys()));
    expect(last.serials).toEqual(expect.arrayContaining(revoked));
  }
}, 120_000);
