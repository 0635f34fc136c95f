import { createPrivateKey, createPublicKey, randomBytes, webcrypto } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { describe, expect, it } from '@jest/globals';
import { fromBER } from 'asn1js';
import type { OctetString } from 'asn1js';
import fc from 'fast-check';
import { CertBag, CryptoEngine, PFX, PKCS8ShroudedKeyBag } from 'pkijs';
import type { SafeBag } from 'pkijs';
import { readDer } from '../../src/pki/der-reader.js';
import { encodeDer, encodeOid } from '../../src/pki/der-writer.js';
import { asDer } from '../../src/pki/der.js';
import { readStorePassword } from '../../src/pki/pkcs12-password.js';
import { makeKeyStore, makeTrustStore } from '../../src/pki/pkcs12-stores.js';
import type { KeyEntry, Protection } from '../../src/pki/pkcs12-stores.js';
import { makeKey } from '../support/requests.js';
import { issue, makeIssuer, orderOf } from './issuing.js';

const engine = new CryptoEngine({ name: 'node', crypto: webcrypto });
const protection: Protection = {
  password: readStorePassword('correct horse'),
  random: randomBytes,
};
const issuer = await makeIssuer();
const key = makeKey('prime256v1');
const pkcs8 = asDer(key.export({ format: 'der', type: 'pkcs8' }));
const spki = asDer(createPublicKey(key).export({ format: 'der', type: 'spki' }));
const { der: certificate } = await issue({ issuer, order: orderOf('prime256v1', { spki }) });
const entry: KeyEntry = { alias: 'Alice', pkcs8, certificate, chain: [issuer.certificate.der] };

/** What pkijs finds in a store after it has checked the MAC: bags, with the privacy mode of what held them. */
async function open(store: Uint8Array, password: string) {
  const { result, offset } = fromBER(Uint8Array.from(store));
  expect(offset).toBe(store.length);
  const pfx = new PFX({ schema: result });
  const secret = Uint8Array.from(Buffer.from(password)).buffer;
  await pfx.parseInternalValues({ password: secret, checkIntegrity: true }, engine);
  const safe = pfx.parsedValue?.authenticatedSafe;
  const safeContents = (safe?.safeContents ?? []).map(() => ({ password: secret }));
  await safe?.parseInternalValues({ safeContents }, engine);
  const contents: readonly { privacyMode: number; value: { safeBags: SafeBag[] } }[] =
    safe?.parsedValue.safeContents ?? [];
  const bags = contents.flatMap(({ privacyMode, value }) =>
    value.safeBags.map((bag) => ({ privacyMode, bag })),
  );
  return { pfx, bags };
}

const bytesOf = (value: { toBER(): ArrayBuffer }): Buffer => Buffer.from(value.toBER());

/** The attributes of a bag in hex: type, then value. */
function attributesOf(bag: SafeBag): readonly (readonly [string, string])[] {
  const list = bag.bagAttributes ?? [];
  return list.map(({ type, values }) => [
    type,
    values.map((value: { toBER(): ArrayBuffer }) => bytesOf(value).toString('hex')).join(),
  ]);
}

function certificateOf(bag: SafeBag): Buffer {
  expect(bag.bagValue).toBeInstanceOf(CertBag);
  return bytesOf((bag.bagValue as CertBag).certValue as OctetString);
}

const friendlyName = '1.2.840.113549.1.9.20';
const localKeyId = '1.2.840.113549.1.9.21';
const trustedKeyUsage = '2.16.840.1.113894.746875.1.1';

describe('a key store', () => {
  it('has an encrypted key beside encrypted certificates, tied by one identifier, by pkijs', async () => {
    const { bags } = await open(await makeKeyStore(entry, protection), protection.password);
    const [leaf, chain, shrouded] = bags;
    expect(bags.map(({ privacyMode }) => privacyMode)).toEqual([1, 1, 0]);
    if (!leaf || !chain || !shrouded) throw new Error('a bag is missing');
    expect(certificateOf(leaf.bag).equals(encodeDer(0x04, certificate))).toBe(true);
    expect(certificateOf(chain.bag).equals(encodeDer(0x04, issuer.certificate.der))).toBe(true);
    const named = attributesOf(leaf.bag);
    expect(named.map(([type]) => type).sort()).toEqual([friendlyName, localKeyId]);
    expect(named).toContainEqual([friendlyName, '1e0a0041006c006900630065']);
    expect(attributesOf(shrouded.bag)).toEqual(named);
    expect(chain.bag.bagAttributes).toBeUndefined();
    const value = shrouded.bag.bagValue;
    expect(value).toBeInstanceOf(PKCS8ShroudedKeyBag);
    const locked = bytesOf((value as PKCS8ShroudedKeyBag).toSchema());
    const form = { key: locked, format: 'der', type: 'pkcs8' } as const;
    expect(createPrivateKey({ ...form, passphrase: protection.password }).equals(key)).toBe(true);
    expect(() => createPrivateKey({ ...form, passphrase: 'wrong horse' })).toThrow();
  });

  it('is PBES2 with PBKDF2, HMAC-SHA-256 and AES-256 in CBC mode, its MAC SHA-256 over as many turns', async () => {
    const store = await makeKeyStore(entry, protection);
    const [version, , mac] = readDer(store).children;
    expect(version && store.subarray(version.contentStart, version.end)).toEqual(Buffer.of(3));
    const { pfx } = await open(store, protection.password);
    expect(pfx.macData?.mac.digestAlgorithm.algorithmId).toBe('2.16.840.1.101.3.4.2.1');
    expect(pfx.macData?.iterations).toBe(10_000);
    expect(mac?.children).toHaveLength(3);
    const read = Buffer.from(store).toString('hex');
    // PBKDF2 with a salt of 16 bytes, 10,000 turns, a key of 32 bytes, hmacWithSHA256; then aes256-CBC-PAD.
    const algorithm =
      /06092a864886f70d01050d3055303406092a864886f70d01050c30270410[0-9a-f]{32}02022710020120300c06082a864886f70d02090500301d060960864801650304012a0410/g;
    expect(read.match(algorithm)).toHaveLength(2);
    // PBES1 of RFC 7292 appendix C, which is RC2 and 3DES.
    expect(read).not.toContain('2a864886f70d010c01');
    expect(Buffer.from(store).includes(Buffer.from(pkcs8))).toBe(false);
  });

  it('is refused by OpenSSL when it is cut, or has another byte, at every seventh place', async () => {
    const store = Buffer.from(await makeKeyStore(entry, protection));
    const isOpened = (pfx: Buffer): boolean => {
      try {
        createSecureContext({ pfx, passphrase: protection.password });
        return true;
      } catch {
        return false;
      }
    };
    expect(isOpened(store)).toBe(true);
    for (let at = 0; at < store.length; at += 7) {
      expect(isOpened(store.subarray(0, at))).toBe(false);
      const changed = Buffer.from(store);
      changed.writeUInt8(changed.readUInt8(at) ^ 0x01, at);
      expect(isOpened(changed)).toBe(false);
    }
  });

  it('gives back any certificates and any name under any password', async () => {
    const der = fc.constantFrom(certificate, issuer.certificate.der);
    const password = fc
      .string({ minLength: 4, maxLength: 200 })
      .map((text) => readStorePassword(`a${text}z`));
    const alias = fc.string({ unit: 'grapheme', maxLength: 64 });
    await fc.assert(
      fc.asyncProperty(fc.array(der), alias, password, async (chain, name, secret) => {
        const store = await makeKeyStore(
          { alias: name, pkcs8, certificate, chain },
          { password: secret, random: randomBytes },
        );
        const { bags } = await open(store, secret);
        const certificates = bags.slice(0, -1).map(({ bag }) => certificateOf(bag));
        expect(certificates).toEqual([certificate, ...chain].map((one) => encodeDer(0x04, one)));
        const written = encodeDer(0x1e, Buffer.from(name, 'utf16le').swap16());
        expect(bags.slice(0, 1).flatMap(({ bag }) => attributesOf(bag))).toContainEqual([
          friendlyName,
          Buffer.from(written).toString('hex'),
        ]);
      }),
      { numRuns: 10 },
    );
  });
});

describe('a trust store', () => {
  it('has each certificate under its alias, encrypted and marked as Java wants it, by pkijs', async () => {
    const other = await makeIssuer();
    const entries = [
      { alias: 'old', certificate: issuer.certificate.der },
      { alias: 'new', certificate: other.certificate.der },
    ];
    const { bags } = await open(await makeTrustStore(entries, protection), protection.password);
    expect(bags.map(({ privacyMode }) => privacyMode)).toEqual([1, 1]);
    expect(bags.map(({ bag }) => certificateOf(bag))).toEqual(
      entries.map((one) => encodeDer(0x04, one.certificate)),
    );
    const everyUse = Buffer.from(encodeOid('2.5.29.37.0')).toString('hex');
    expect(bags.map(({ bag }) => [...attributesOf(bag)].sort())).toEqual([
      [
        [friendlyName, '1e06006f006c0064'],
        [trustedKeyUsage, everyUse],
      ],
      [
        [friendlyName, '1e06006e00650077'],
        [trustedKeyUsage, everyUse],
      ],
    ]);
  });
});
