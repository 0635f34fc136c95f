import { describe, expect, it } from '@jest/globals';
import { createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { encodeBitString, encodeOid, encodeSequence } from '../../src/pki/der-writer.js';
import { oids } from '../../src/pki/object-identifiers.js';
import { temporaryHome } from '../support/gateway.js';
import { defaultSubject, makeKey, makeRequest } from '../support/requests.js';
import { outputOf } from '../support/run.js';
import { bodyOf, expectRefusal, expectRenewal, openFrontDoor } from './front-door.js';
import { closePrimes, rocaPrimes, rsaKeyOf, rsaSpki, smallAndLargePrime } from './weak-rsa.js';

const accepted =
  'use RSA with 2048, 3072 or 4096 bits and exponent 65537, EC on the named curve P-256, P-384 or P-521, or Ed25519';
const unsupported = {
  reason: 'key-unsupported',
  error: new RegExp(`^CSR: .*: ${accepted}\\.$`),
} as const;
const weak = (what: string) => ({
  reason: 'key-weak' as const,
  error: `CSR: the key is weak, ${what}: make a new key, and ${accepted}.`,
});

describe('the key of a certification request', () => {
  it.each([
    'rsa-2048',
    'rsa-3072',
    'rsa-4096',
    'prime256v1',
    'secp384r1',
    'secp521r1',
    'ed25519',
  ] as const)('HI-K1, HI-K3: %s is accepted and certified', async (type) => {
    const door = await openFrontDoor();
    const key = makeKey(type);
    const certificate = await expectRenewal(door, bodyOf(makeRequest({ key }).pem));
    expect(new X509Certificate(certificate).checkPrivateKey(key)).toBe(true);
  });

  it.each([512, 1024, 2040, 2047, 2056])(
    'HI-K1: RSA of %d bits is refused, naming the accepted sizes',
    async (bits) => {
      const key = makeKey(`rsa-${bits}`);
      await expectRefusal(await openFrontDoor(), bodyOf(makeRequest({ key }).pem), {
        reason: 'key-unsupported',
        error: `CSR: RSA keys of ${bits} bits are not accepted: ${accepted}.`,
      });
    },
  );

  it.each([2049, 3000, 4097, 8192, 65_536])(
    'HI-K1: an RSA modulus of %d bits is refused before it is used',
    async (bits) => {
      const spki = rsaSpki((1n << BigInt(bits - 1)) + 1n);
      const { pem } = makeRequest({ key: makeKey('prime256v1'), spki });
      await expectRefusal(await openFrontDoor(), bodyOf(pem), unsupported);
    },
  );

  it('HI-K2: an RSA exponent other than 65537 is refused', async () => {
    const door = await openFrontDoor();
    for (const publicExponent of [3, 17, 65539]) {
      const key = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent }).privateKey;
      await expectRefusal(
        door,
        bodyOf(makeRequest({ key }).pem),
        weak('its RSA exponent is not 65537'),
      );
    }
  });

  it('HI-K2: a signature forged under the exponent 1 is refused', async () => {
    // m^1 = m: the padded digest is its own signature, so anybody can make one.
    const { n = '' } = createPublicKey(makeKey('rsa-2048')).export({ format: 'jwk' });
    const spki = rsaSpki(BigInt(`0x${Buffer.from(n, 'base64url').toString('hex')}`), 1n);
    const { pem } = makeRequest({
      key: makeKey('rsa-2048'),
      spki,
      signature: Buffer.alloc(256, 1),
    });
    await expectRefusal(await openFrontDoor(), bodyOf(pem), weak('its RSA exponent is not 65537'));
  });

  it.each([
    ['ROCA', rocaPrimes, 'it was made by a faulty generator (ROCA, CVE-2017-15361)'],
    ['close primes', closePrimes, 'its primes are too close to each other (CVE-2022-26320)'],
    ['a small prime factor', () => smallAndLargePrime(751n), 'its modulus is divisible by 751'],
    ['the smallest factor', () => smallAndLargePrime(3n), 'its modulus is divisible by 3'],
  ] as const)(
    'HI-K2: %s is refused although the key signs well',
    async (_what, primes, sentence) => {
      const key = rsaKeyOf(...primes());
      await expectRefusal(await openFrontDoor(), bodyOf(makeRequest({ key }).pem), weak(sentence));
    },
  );

  it('HI-K2: an RSA key put together from two good primes is accepted', async () => {
    const { p = '', q = '' } = makeKey('rsa-2048').export({ format: 'jwk' });
    const prime = (text: string) => BigInt(`0x${Buffer.from(text, 'base64url').toString('hex')}`);
    const key = rsaKeyOf(prime(p), prime(q));
    await expectRenewal(await openFrontDoor(), bodyOf(makeRequest({ key }).pem));
  });

  it('HI-K2: an even modulus is refused', async () => {
    const { pem } = makeRequest({ key: makeKey('rsa-2048'), spki: rsaSpki((1n << 2047n) + 2n) });
    await expectRefusal(await openFrontDoor(), bodyOf(pem), weak('its modulus is even'));
  });

  it.each([
    'prime192v1',
    'secp224r1',
    'secp256k1',
    'brainpoolP256r1',
    'ed448',
    'x25519',
    'dsa',
    'pss-2048',
  ] as const)('HI-K4: %s is refused, naming what is accepted', async (type) => {
    const { pem } = makeRequest({ key: makeKey(type) });
    await expectRefusal(await openFrontDoor(), bodyOf(pem), unsupported);
  });

  it('HI-K4: explicit parameters are refused, even those of P-256 and as openssl writes them', async () => {
    const explicit = [
      '-name',
      'prime256v1',
      '-genkey',
      '-noout',
      '-param_enc',
      'explicit',
    ] as const;
    const keyFile = join(temporaryHome(), 'app.key');
    await outputOf(['openssl', 'ecparam', ...explicit, '-out', keyFile]);
    const request = ['req', '-new', '-key', keyFile, '-subj', defaultSubject] as const;
    const pem = await outputOf(['openssl', ...request]);
    await expectRefusal(await openFrontDoor(), bodyOf(`${pem}\n`), {
      reason: 'key-unsupported',
      error: `CSR: EC keys with explicit or absent curve parameters are not accepted: ${accepted}.`,
    });
  });

  it('HI-K4: points that are compressed, off the curve or at infinity are refused', async () => {
    const door = await openFrontDoor();
    const key = makeKey('prime256v1');
    const point = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-65);
    const algorithm = encodeSequence(encodeOid(oids.ecPublicKey), encodeOid(oids.p256));
    for (const bits of [
      Buffer.concat([Buffer.from([2 + ((point[64] ?? 0) & 1)]), point.subarray(1, 33)]),
      Buffer.concat([point.subarray(0, 64), Buffer.from([(point[64] ?? 0) ^ 1])]),
      Buffer.concat([Buffer.from([4]), Buffer.alloc(64)]),
      Buffer.from([0]),
      Buffer.alloc(0),
    ]) {
      const spki = encodeSequence(algorithm, encodeBitString(bits));
      await expectRefusal(door, bodyOf(makeRequest({ key, spki }).pem), unsupported);
    }
  });
});
