import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect, createServer } from 'node:tls';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { exportCredentials } from '../../src/credentials/export-credentials.js';
import type { CredentialFiles } from '../../src/credentials/export-credentials.js';
import type { Issuer } from '../../src/pki/certificate-template.js';
import { makeIssuer } from '../pki/issuing.js';
import { installed } from '../support/tools.js';
import { makeCredentials, pemOf } from './credential-texts.js';
import type { TestCredentials } from './credential-texts.js';
import { longestHold } from './longest-hold.js';
import { blocksOf, makeFolder, readByKeytool, readByOpenssl, writeInto } from './stores.js';

const withJava = installed('keytool').length === 1 ? it : it.skip;
const keyStore = 'client.keystore.p12';
const trustStore = 'client.truststore.p12';
const hexOf = (issuer: Issuer): string => Buffer.from(issuer.certificate.der).toString('hex');
const textOf = (files: CredentialFiles, name: keyof CredentialFiles): string =>
  Buffer.from(files[name]).toString();

let older: Issuer;
let newer: Issuer;

beforeAll(async () => {
  // Of one name, as after a roll-over.
  [older, newer] = [await makeIssuer(), await makeIssuer()];
});

describe.each(['rsa-3072', 'prime256v1', 'secp384r1'] as const)('an export with %s', (type) => {
  let credentials: TestCredentials;

  beforeAll(async () => {
    credentials = await makeCredentials([older, newer], type);
  });

  it('SU-C2: has the pair and every CA as PEM, byte by byte', async () => {
    const { order } = credentials;
    const files = await exportCredentials(order, randomBytes);
    expect(textOf(files, 'service.key')).toBe(order.keyPem);
    expect(textOf(files, 'service.cert')).toBe(order.certificatePem);
    expect(textOf(files, 'ca.pem')).toBe(order.caPem);
  });

  it('SU-C5: has a key store and a trust store that openssl reads', async () => {
    const { key, certificate, order } = credentials;
    const folder = makeFolder();
    writeInto(folder, await exportCredentials(order, randomBytes));
    const { password } = order;
    const read = await readByOpenssl({ folder, name: keyStore, password });
    expect(read.code).toBe(0);
    const [leaf, ...chain] = blocksOf(read.stdout);
    expect(leaf).toBe(Buffer.from(certificate.der).toString('hex'));
    expect(chain).toEqual([hexOf(older)]);
    const [pkcs8 = ''] = blocksOf(read.stdout, 'PRIVATE KEY');
    const stored = { key: Buffer.from(pkcs8, 'hex'), format: 'der', type: 'pkcs8' } as const;
    expect(createPrivateKey(stored).equals(key)).toBe(true);
    expect(read.stdout.match(/friendlyName: Alice/g)).toHaveLength(2);
    const trusted = await readByOpenssl({ folder, name: trustStore, password });
    expect(blocksOf(trusted.stdout)).toEqual([hexOf(older), hexOf(newer)]);
    for (const { stderr } of [read, trusted]) {
      expect(stderr).toMatch(/^MAC: sha256, Iteration 10000$/m);
      expect(stderr).toMatch(/PBES2, PBKDF2, AES-256-CBC, Iteration 10000, PRF hmacWithSHA256/);
    }
  });

  withJava('SU-C5: has a key store and a trust store that Java reads', async () => {
    const { certificate, order } = credentials;
    const folder = makeFolder();
    writeInto(folder, await exportCredentials(order, randomBytes));
    const { password } = order;
    const read = await readByKeytool({ folder, name: keyStore, password });
    expect(read.stdout).toMatch(/^Alias name: alice\n.*\nEntry type: PrivateKeyEntry$/m);
    expect(blocksOf(read.stdout)).toEqual([
      Buffer.from(certificate.der).toString('hex'),
      hexOf(older),
    ]);
    const trusted = await readByKeytool({ folder, name: trustStore, password });
    expect(trusted.stdout.match(/^Entry type: trustedCertEntry$/gm)).toHaveLength(2);
    expect([...blocksOf(trusted.stdout)].sort()).toEqual([hexOf(older), hexOf(newer)].sort());
  });

  it('opens a TLS connection with the key store alone', async () => {
    const { certificate, order } = credentials;
    const files = await exportCredentials(order, randomBytes);
    const server = createServer(
      {
        key: order.keyPem,
        cert: order.certificatePem,
        ca: textOf(files, 'ca.pem'),
        requestCert: true,
      },
      (socket) => socket.end(socket.getPeerX509Certificate()?.fingerprint256 ?? ''),
    ).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const pfx = { pfx: Buffer.from(files[keyStore]), passphrase: order.password };
    // The server shows the client's certificate, which names no host.
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...pfx });
    const seen = await text(socket);
    server.close();
    expect(seen).toBe(new X509Certificate(certificate.der).fingerprint256);
  });
});

describe('an export', () => {
  it('SU-C5: refuses another password in openssl', async () => {
    const { order } = await makeCredentials([older]);
    const folder = makeFolder();
    writeInto(folder, await exportCredentials(order, randomBytes));
    for (const name of [keyStore, trustStore] as const) {
      for (const password of ['', 'Correct horse', 'correct horse ']) {
        const read = await readByOpenssl({ folder, name, password });
        expect(read.code).not.toBe(0);
        expect(blocksOf(read.stdout)).toEqual([]);
      }
    }
  });

  withJava('SU-C5: refuses another password in Java', async () => {
    const { order } = await makeCredentials([older]);
    const folder = makeFolder();
    writeInto(folder, await exportCredentials(order, randomBytes));
    for (const name of [keyStore, trustStore] as const) {
      const read = await readByKeytool({ folder, name, password: 'wrong horse' });
      expect(read.stdout).toContain('password was incorrect');
      expect(read.code).toBe(1);
    }
  });

  withJava('SU-C5: works twice into one folder', async () => {
    const folder = makeFolder();
    const before = await makeCredentials([older]);
    writeInto(folder, await exportCredentials(before.order, randomBytes));
    const after = await makeCredentials([newer, older]);
    writeInto(folder, await exportCredentials(after.order, randomBytes));
    const { password } = after.order;
    const read = await readByKeytool({ folder, name: keyStore, password });
    expect(blocksOf(read.stdout)).toEqual([
      Buffer.from(after.certificate.der).toString('hex'),
      hexOf(newer),
    ]);
    const trusted = await readByKeytool({ folder, name: trustStore, password });
    expect([...blocksOf(trusted.stdout)].sort()).toEqual([hexOf(older), hexOf(newer)].sort());
  });

  withJava('shows a name beyond ASCII, and calls a CA the same in every export', async () => {
    const one = await makeCredentials([older]);
    const both = await makeCredentials([newer, older, newer]);
    const aliases: string[] = [];
    for (const { order } of [one, both]) {
      const folder = makeFolder();
      const { password } = order;
      writeInto(folder, await exportCredentials({ ...order, username: 'jürgen 😀' }, randomBytes));
      const read = await readByOpenssl({ folder, name: keyStore, password });
      expect(read.code).toBe(0);
      const trusted = await readByKeytool({ folder, name: trustStore, password });
      aliases.push(...(trusted.stdout.match(/(?<=^Alias name: ).*/gm) ?? []));
    }
    expect(aliases).toHaveLength(3);
    expect(aliases[0]).toMatch(/^ca-[0-9a-f]{16}$/);
    expect(aliases.slice(1)).toContain(aliases[0]);
    expect(new Set(aliases).size).toBe(2);
  });

  it('keeps the certificate alone in the key store once its CA is not published', async () => {
    const { certificate, order } = await makeCredentials([older]);
    const files = await exportCredentials(
      { ...order, caPem: pemOf(newer.certificate.der) },
      randomBytes,
    );
    const folder = makeFolder();
    writeInto(folder, files);
    const read = await readByOpenssl({ folder, name: keyStore, password: order.password });
    expect(blocksOf(read.stdout)).toEqual([Buffer.from(certificate.der).toString('hex')]);
  });

  it('takes every random byte from the one source, and none twice', async () => {
    const { order } = await makeCredentials([older]);
    const drawn: string[] = [];
    const counting = (length: number): Uint8Array => {
      const bytes = Buffer.alloc(length);
      bytes.writeUInt8(drawn.length + 1);
      drawn.push(bytes.toString('hex'));
      return bytes;
    };
    const first = await exportCredentials(order, counting);
    expect(new Set(drawn).size).toBe(drawn.length);
    // A salt and an initialisation vector of three contents, and a salt of two MACs.
    expect(drawn).toHaveLength(8);
    expect(drawn.every((hex) => hex.length === 32)).toBe(true);
    for (const hex of drawn) {
      const stores = [first[keyStore], first[trustStore]].map((one) => Buffer.from(one));
      expect(stores.filter((one) => one.includes(Buffer.from(hex, 'hex')))).toHaveLength(1);
    }
    drawn.length = 0;
    expect(await exportCredentials(order, counting)).toEqual(first);
  });

  it('holds the event loop for less than 10 ms', async () => {
    const { order } = await makeCredentials([older, newer], 'rsa-3072');
    await exportCredentials(order, randomBytes); // what is compiled at the first run is no cost of it
    expect(await longestHold(() => exportCredentials(order, randomBytes))).toBeLessThan(10);
  });
});
