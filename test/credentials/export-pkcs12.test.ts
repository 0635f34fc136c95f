import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { commandLine } from '../support/command-line.js';
import { startTestGateway } from '../support/gateway.js';
import { expectRefusal } from '../support/people.js';
import { run } from '../support/run.js';
import type { Ended } from '../support/run.js';
import { openService, prepareAuthority, servicePath } from '../support/services.js';
import type { ServiceHouse } from '../support/services.js';
import { installed } from '../support/tools.js';
import { blocksOf, makeFolder, readByKeytool, writeInto } from './stores.js';

const store = 'service.p12';
const withJava = installed('keytool').length === 1 ? it : it.skip;

/** What openssl reads with the password out of the file beside it. */
function readByOpenssl(folder: string): Promise<Ended> {
  const password = ['-passin', `file:${store}.password`];
  return run(['openssl', 'pkcs12', '-in', store, ...password, '-noenc', '-info'], { cwd: folder });
}

const derOf = (pem: string): string => new X509Certificate(pem).raw.toString('hex');

/** A service whose project has a new authority of the same name; both are published, the user has the new one's. */
async function openRolledOver(): Promise<ServiceHouse> {
  const gateway = await startTestGateway();
  const house = await openService(gateway);
  const next = await prepareAuthority(gateway, 'p1');
  await next.activate();
  await house.reset('avnadmin').expect(200);
  return house;
}

async function downloaded({ asRoot }: ServiceHouse, format: string): Promise<string> {
  const path = `${servicePath}/user/avnadmin/credentials?format=${format}`;
  const { body } = await asRoot('get', path).expect(200);
  const folder = makeFolder();
  for (const { name, content } of body.files as { name: string; content: string }[])
    writeInto(folder, { [name]: Buffer.from(content, 'base64') });
  return folder;
}

it('SU-C5: one PKCS#12 file has key, certificate and every CA, for openssl', async () => {
  const house = await openRolledOver();
  const folder = await downloaded(house, 'pkcs12');
  const { access_cert, access_key } = await house.user('avnadmin');
  const ca = await house.asRoot('get', '/v1/project/p1/kms/ca').expect(200);
  const published = blocksOf(String(ca.body.certificate));
  const read = await readByOpenssl(folder);
  const [leaf, issuer, ...others] = blocksOf(read.stdout);
  expect(leaf).toBe(derOf(access_cert));
  expect([issuer, ...others].sort()).toEqual([...published].sort());
  expect(others).toHaveLength(1);
  const issuing = new X509Certificate(Buffer.from(issuer ?? '', 'hex'));
  expect(new X509Certificate(access_cert).verify(issuing.publicKey)).toBe(true);
  const [pkcs8 = ''] = blocksOf(read.stdout, 'PRIVATE KEY');
  const stored = { key: Buffer.from(pkcs8, 'hex'), format: 'der', type: 'pkcs8' } as const;
  expect(createPrivateKey(stored).equals(createPrivateKey(access_key))).toBe(true);
  expect(read.stderr).toMatch(/PBES2, PBKDF2, AES-256-CBC/);
});

withJava('SU-C5: Java builds the chain of the file by the issuer, not by its name', async () => {
  const house = await openRolledOver();
  const folder = await downloaded(house, 'pkcs12');
  const password = readFileSync(join(folder, `${store}.password`), 'utf8').trim();
  const read = await readByKeytool({ folder, name: store, password });
  expect(read.stdout).toMatch(/^Alias name: avnadmin\n.*\nEntry type: PrivateKeyEntry$/m);
  const [leaf = '', issuer = '', ...more] = blocksOf(read.stdout);
  expect(more).toEqual([]);
  const [own, authority] = [leaf, issuer].map((hex) => Buffer.from(hex, 'hex'));
  const { publicKey } = new X509Certificate(authority ?? '');
  expect(new X509Certificate(own ?? '').verify(publicKey)).toBe(true);
});

it('SU-C5: the command line writes every format, twice into one folder, for its owner alone', async () => {
  const { gateway, reset, asRoot } = await openService(await startTestGateway());
  const folder = join(makeFolder(), 'pair');
  const download = (format: string) =>
    commandLine<{ files: string[] }>(
      gateway,
      `user download p1 kafka-1 avnadmin --dir ${folder} --format ${format}`,
    );
  const namesOf = ({ files }: { files: string[] }) => files.map((file) => file.split('/').at(-1));
  expect(namesOf(await download('pkcs12'))).toEqual([store, `${store}.password`]);
  const before = readFileSync(join(folder, store));
  await reset('avnadmin').expect(200);
  const { files } = await download('pkcs12');
  expect(readFileSync(join(folder, store)).equals(before)).toBe(false);
  expect((await readByOpenssl(folder)).code).toBe(0);
  const java = await download('java');
  expect(namesOf(java)).toContain('client.truststore.p12');
  for (const file of [...files, ...java.files]) expect(statSync(file).mode & 0o777).toBe(0o600);
  const refused = await asRoot('get', `${servicePath}/user/avnadmin/credentials?format=p12`);
  expectRefusal(refused, 400, 'field-invalid');
  expect(refused.body.message).toBe('format has to be one of pem, pkcs12, java.');
});
