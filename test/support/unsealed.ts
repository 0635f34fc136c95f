import { createPrivateKey, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodePem } from '../../src/pki/pem.js';
import { loadMasterKey } from '../../src/storage/master-key.js';
import type { Sealing } from '../../src/storage/sealing.js';
import type { TestGateway } from './gateway.js';
import type { OpensslAuthority } from './openssl-authority.js';

/** The gateway's own server certificate and its key, as whoever holds the master key can have them. */
export async function unsealServerPair(
  gateway: Pick<TestGateway, 'home'>,
): Promise<{ readonly certPem: string; readonly keyPem: string }> {
  const sealed = readFileSync(join(gateway.home, 'server.key.sealed'), 'utf8');
  const place = { table: 'home', row: 'server.key.sealed', purpose: 'server-key' };
  const keyPem = Buffer.from((await masterKeyOf(gateway)).unseal(sealed, place)).toString();
  return { certPem: readFileSync(join(gateway.home, 'server.crt'), 'utf8'), keyPem };
}

/** The authority that the gateway made, with its private key, in files for openssl. */
export async function stealAuthority(
  gateway: TestGateway,
  folder: string,
): Promise<OpensslAuthority> {
  const row = await gateway.database.db
    .selectFrom('authorities')
    .selectAll()
    .executeTakeFirstOrThrow();
  const place = { table: 'authorities', row: row.id, purpose: 'private-key' };
  const pkcs8 = (await masterKeyOf(gateway)).unseal(row.sealed_key ?? '', place);
  mkdirSync(folder, { recursive: true });
  const [certFile, keyFile] = [join(folder, 'stolen.crt'), join(folder, 'stolen.key')];
  writeFileSync(certFile, encodePem('CERTIFICATE', Buffer.from(row.certificate, 'base64')));
  writeFileSync(keyFile, encodePem('PRIVATE KEY', pkcs8));
  return { certFile, keyFile, settings: {} };
}

/** The private key of an authority on record, as whoever holds the master key can have it. */
export async function stealAuthorityKey(
  gateway: TestGateway,
  authority: { readonly id: string; readonly sealedKey: string | null },
): Promise<KeyObject> {
  const place = { table: 'authorities', row: authority.id, purpose: 'private-key' };
  const pkcs8 = (await masterKeyOf(gateway)).unseal(authority.sealedKey ?? '', place);
  return createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
}

/** The master key of a gateway, in home or where its settings say. */
export async function masterKeyOf({
  home,
  settings = {},
}: Pick<TestGateway, 'home'> & Partial<Pick<TestGateway, 'settings'>>): Promise<Sealing> {
  const file = settings['EVERLEAF_MASTER_KEY_FILE'] ?? join(home, 'master.key');
  return loadMasterKey({
    file,
    mayCreate: false,
    mayBeNew: true,
    random: (length) => randomBytes(length),
  });
}
