import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { makeAuthorityStore } from '../../src/authority/authority-store.js';
import { makeNewAuthority } from '../../src/authority/new-authority.js';
import { startTestGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { makeOcspRequest, ocspErrors, postOcsp } from '../support/ocsp.js';
import { caOf, listOf, statusOf } from '../support/project-lists.js';
import { fetchList, untilListIsKept } from '../support/revocation-list.js';
import { openService, prepareAuthority, servicePath } from '../support/services.js';
import { masterKeyOf } from '../support/unsealed.js';

const day = 86_400;

/** CAs of as many projects, with keys that whoever opens one complains about. */
async function addDamagedCas(gateway: TestGateway, count: number): Promise<void> {
  const masterKey = await masterKeyOf(gateway);
  const random = (length: number): Uint8Array => new Uint8Array(length).fill(7);
  const edges = { masterKey, clock: gateway.clock.now, random };
  const form = {
    keyType: 'ec-p256',
    validitySeconds: 3650 * day,
    organization: 'Everleaf',
  } as const;
  for (let turn = 0; turn < count; turn += 1) {
    const commonName = `d${String(turn)}`;
    const authority = await makeNewAuthority(edges, { ...form, commonName });
    const store = makeAuthorityStore(gateway.database, `project:${commonName}`);
    await store.insertFirst({ ...authority, sealedKey: 'damaged' });
  }
}

/** The CAs for which a list was begun. */
async function listedCas({ database }: TestGateway): Promise<string[]> {
  const rows = await database.db
    .selectFrom('signed_revocation_lists')
    .select('authority_id')
    .orderBy('begun_at')
    .execute();
  return rows.map(({ authority_id }) => authority_id);
}

async function damageKey({ database }: TestGateway, id: string): Promise<void> {
  await database.db
    .updateTable('authorities')
    .set({ sealed_key: 'damaged' })
    .where('id', '=', id)
    .execute();
}

describe('the key of a project CA', () => {
  it('is opened neither at the start nor by a look, however many projects there are', async () => {
    const gateway = await startTestGateway();
    await openService(gateway);
    await addDamagedCas(gateway, 200);
    const again = await gateway.restart();
    await again.lookAtAuthorities();
    again.clock.advance(day / 2);
    const [own] = await listedCas(again);
    await untilListIsKept(again, { since: again.clock.now() });
    await again.lookAtAuthorities();
    await again.renewServiceUsers();

    expect(again.logs.filter(({ level }) => level === 'error')).toEqual([]);
    expect(await listedCas(again)).toEqual([own]);
    const ca = await caOf(again, 'p1');
    await listOf(again, ca);
    expect((await listedCas(again)).sort()).toEqual([own, ca.id].sort());
    const damaged = await caOf(again, 'd7');
    await request(again.urls.pki).get(`/pki/${damaged.id}.crt`).expect(200);
    await request(again.urls.pki).get(`/pki/${damaged.id}.crl`).expect(500);
    const [complaint] = again.logs.filter(({ level }) => level === 'error');
    expect(String(complaint?.['err'])).toContain(`authority ${damaged.id} on record is damaged`);
  });

  it('is not needed for a list that was signed before, and for OCSP it is', async () => {
    const gateway = await startTestGateway();
    const { asRoot } = await openService(gateway);
    await asRoot('delete', servicePath).expect(200);
    const ca = await caOf(gateway, 'p1');
    const path = `/pki/${ca.id}.crl`;
    const list = await fetchList(gateway, path);
    await damageKey(gateway, ca.id);
    const again = await gateway.restart();
    expect(await fetchList(again, path)).toEqual(list);
    const question = { issuerPem: ca.pem, serial: '4001' };
    const answer = await postOcsp(again, makeOcspRequest({ questions: [question] }));
    expect((answer.body as Buffer).toString('hex')).toBe(ocspErrors.internalError);
  });
});

describe('a retired CA of a project', () => {
  it('is served as long as its key is on record, and the next one beside it', async () => {
    const gateway = await startTestGateway();
    const { user, reset } = await openService(gateway);
    const old = await caOf(gateway, 'p1');
    const { access_cert: before } = await user('avnadmin');
    const { id, pem, activate } = await prepareAuthority(gateway, 'p1');
    expect((await listOf(gateway, { id, pem })).serials).toEqual([]);
    await activate();
    await reset('avnadmin').expect(200);
    const { access_cert: after } = await user('avnadmin');
    const { db } = gateway.database;
    await db
      .updateTable('authorities')
      .set({ state: 'retired' })
      .where('id', '=', old.id)
      .execute();
    expect(await statusOf(gateway, old, before)).toBe('good');
    expect(await statusOf(gateway, { id, pem }, after)).toBe('good');

    await db
      .updateTable('authorities')
      .set({ sealed_key: null })
      .where('id', '=', old.id)
      .execute();
    await request(gateway.urls.pki).get(`/pki/${old.id}.crl`).expect(404);
    await request(gateway.urls.pki).get(`/pki/${old.id}.crt`).expect(200);
    const question = { issuerPem: old.pem, serial: '4001' };
    const answer = await postOcsp(gateway, makeOcspRequest({ questions: [question] }));
    expect((answer.body as Buffer).toString('hex')).toBe(ocspErrors.unauthorized);
  });
});
