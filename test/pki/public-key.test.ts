import { execFileSync } from 'node:child_process';
import { createPublicKey, generatePrimeSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Failure } from '../../src/failure.js';
import {
  encodeBitString,
  encodeDer,
  encodeInteger,
  encodeOid,
  encodeSequence,
} from '../../src/pki/der-writer.js';
import { asDer, type Der } from '../../src/pki/der.js';
import { oids } from '../../src/pki/object-identifiers.js';
import { readPublicKey } from '../../src/pki/public-key.js';
import { isSmallOrderPoint } from '../../src/pki/small-order-points.js';
import { findRsaWeakness } from '../../src/pki/weak-keys.js';
import { makeKey, type TestKeyType } from '../support/requests.js';
import { millisecondsOf } from './time-it.js';

const spkiOf = (type: TestKeyType) =>
  asDer(createPublicKey(makeKey(type)).export({ format: 'der', type: 'spki' }));

function failureOf(spki: Uint8Array): Failure | undefined {
  try {
    readPublicKey(asDer(spki));
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

function bytesOf(number: bigint): Buffer {
  const hex = number.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return (bytes[0] ?? 0) < 0x80 ? bytes : Buffer.concat([Buffer.from([0]), bytes]);
}

function rsaSpki(modulus: bigint, exponent = 65537n): Der {
  const key = encodeSequence(encodeDer(0x02, bytesOf(modulus)), encodeDer(0x02, bytesOf(exponent)));
  const algorithm = encodeSequence(encodeOid(oids.rsaEncryption), encodeDer(0x05));
  return encodeSequence(algorithm, encodeBitString(key));
}

function ecSpki(curve: string, point: Uint8Array): Der {
  const algorithm = encodeSequence(encodeOid(oids.ecPublicKey), encodeOid(curve));
  return encodeSequence(algorithm, encodeBitString(point));
}

function prime(bits: number): bigint {
  return generatePrimeSync(bits, { bigint: true });
}

/** A product of exactly 2048 bits. */
function productWith(factor: bigint): bigint {
  const other = (1n << 2047n) / factor + (1n << 2030n);
  return factor * (other | 1n);
}

function nextPrime(after: bigint): bigint {
  const isPrime = (candidate: bigint) =>
    execFileSync('openssl', ['prime', candidate.toString()]).includes('is prime');
  let candidate = after + 2n;
  while (
    candidate % 3n === 0n ||
    candidate % 5n === 0n ||
    candidate % 7n === 0n ||
    !isPrime(candidate)
  )
    candidate += 2n;
  return candidate;
}

describe('RSA keys', () => {
  it.each([512, 1024, 2040, 2047, 2056, 3000, 4097, 8192])(
    'HI-K1: %d bits are refused, naming the accepted sizes',
    (bits) => {
      const failure = failureOf(rsaSpki((1n << BigInt(bits - 1)) + 1n));
      expect(failure?.kind).toBe('key-unsupported');
      expect(failure?.message).toContain(`${bits} bits`);
      expect(failure?.message).toContain('2048, 3072 or 4096');
    },
  );

  it.each([0n, 1n, 3n, 17n, 65535n, 65539n, (1n << 32n) + 1n])(
    'HI-K2: the exponent %d is refused',
    (exponent) => {
      const { n = '' } = createPublicKey(makeKey('rsa-2048')).export({ format: 'jwk' });
      const modulus = BigInt(`0x${Buffer.from(n, 'base64url').toString('hex')}`);
      expect(failureOf(rsaSpki(modulus, exponent))?.kind).toBe('key-weak');
    },
  );

  it('HI-K2: an even modulus is refused', () => {
    expect(failureOf(rsaSpki((1n << 2047n) + 2n))?.message).toContain('even');
  });

  it.each([3n, 7n, 167n, 173n, 739n, 743n, 751n])(
    'HI-K2: a modulus divisible by %d is refused',
    (factor) => {
      expect(failureOf(rsaSpki(productWith(factor)))?.message).toContain('divisible by');
    },
  );

  it('HI-K2: the ROCA fingerprint is refused', () => {
    // Powers of 65537 modulo the primorial are what the faulty generator makes (CVE-2017-15361).
    const primorial = [
      2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89,
      97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
    ].reduce((product, small) => product * BigInt(small), 1n);
    let residue = 1n;
    for (let power = 0; power < 12_345; power++) residue = (residue * 65537n) % primorial;
    let modulus = ((1n << 2047n) / primorial + 1n) * primorial + residue;
    while (findRsaWeakness(bytesOf(modulus).subarray(1))?.includes('divisible') === true)
      modulus += primorial;
    expect(modulus.toString(2)).toHaveLength(2048);
    expect(failureOf(rsaSpki(modulus))?.message).toContain('ROCA');
  });

  it('HI-K2: close primes are refused', () => {
    const p = prime(1024) | (1n << 1023n);
    expect(failureOf(rsaSpki(p * nextPrime(p)))?.message).toContain('too close');
  });

  it('HI-K2: the square of a prime is refused', () => {
    const p = 3n * (1n << 1022n) + 0x10001n;
    const weakness = findRsaWeakness(bytesOf(p * p).subarray(1));
    expect(weakness).toBeDefined();
  });

  it('a hundred ordinary keys are not called weak', () => {
    const primes = Array.from({ length: 15 }, () => prime(1024));
    const products = primes.flatMap((p, index) => primes.slice(index + 1).map((q) => p * q));
    expect(products.slice(0, 100).map((product) => findRsaWeakness(bytesOf(product)))).toEqual(
      Array.from({ length: 100 }),
    );
  });

  it('HI-K2: a negative modulus and parameters that are not NULL are refused', () => {
    const modulus = bytesOf((1n << 2047n) + 1n).subarray(1);
    const key = encodeBitString(encodeSequence(encodeDer(0x02, modulus), encodeInteger(65537)));
    const type = encodeOid(oids.rsaEncryption);
    expect(failureOf(encodeSequence(encodeSequence(type, encodeDer(0x05)), key))?.kind).toBe(
      'key-weak',
    );
    expect(() => failureOf(encodeSequence(encodeSequence(type), key))).toThrow(/parameters/);
  });

  it('judges the largest modulus in far less than 50 ms', () => {
    const modulus = bytesOf(prime(1024) * prime(1024) * prime(1024) * prime(1024)).subarray(-512);
    expect(millisecondsOf(() => findRsaWeakness(modulus))).toBeLessThan(10);
  });
});

describe('other keys', () => {
  it.each([
    'prime192v1',
    'secp224r1',
    'secp256k1',
    'brainpoolP256r1',
    'ed448',
    'x25519',
    'dsa',
    'pss-2048',
  ] as const)('HI-K4: %s is refused, naming what is accepted', (type) => {
    const failure = failureOf(spkiOf(type));
    expect(failure?.kind).toBe('key-unsupported');
    expect(failure?.message).toContain('P-256, P-384 or P-521, or Ed25519');
  });

  it('HI-K4: explicit parameters are refused, even those of P-256', () => {
    const pem = execFileSync('openssl', [
      'ecparam',
      '-name',
      'prime256v1',
      '-genkey',
      '-noout',
      '-param_enc',
      'explicit',
    ]);
    const der = execFileSync(
      'openssl',
      ['ec', '-pubout', '-outform', 'DER', '-param_enc', 'explicit'],
      { input: pem, stdio: ['pipe', 'pipe', 'ignore'] },
    );
    expect(failureOf(der)?.message).toContain('explicit');
  });

  it('a compressed, a cut off and an infinite point are refused', () => {
    const point = spkiOf('prime256v1').subarray(-65);
    for (const bits of [
      Buffer.concat([Buffer.from([2]), point.subarray(1, 33)]),
      point.subarray(0, 64),
      Buffer.from([0]),
      Buffer.alloc(0),
    ]) {
      expect(failureOf(ecSpki(oids.p256, bits))?.message).toContain('uncompressed');
    }
  });

  it('a point off the curve, one at zero and one beyond the field are refused', () => {
    const point = Buffer.from(spkiOf('prime256v1').subarray(-65));
    point[64] = (point[64] ?? 0) ^ 1;
    const zero = Buffer.concat([Buffer.from([4]), Buffer.alloc(64)]);
    const beyond = Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 0xff)]);
    for (const bits of [point, zero, beyond]) {
      expect(failureOf(ecSpki(oids.p256, bits))?.kind).toBe('key-unsupported');
    }
  });

  it('a point of another named curve is refused', () => {
    expect(failureOf(ecSpki(oids.p384, spkiOf('prime256v1').subarray(-65)))?.kind).toBe(
      'key-unsupported',
    );
  });

  it('Ed25519 points of small order are refused, and only those', () => {
    const algorithm = encodeSequence(encodeOid(oids.ed25519));
    const identity = Buffer.from(`01${'00'.repeat(31)}`, 'hex');
    expect(failureOf(encodeSequence(algorithm, encodeBitString(identity)))?.kind).toBe('key-weak');
    expect(
      isSmallOrderPoint(
        Buffer.from(`26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85`, 'hex'),
      ),
    ).toBe(true);
    expect(isSmallOrderPoint(spkiOf('ed25519').subarray(-32))).toBe(false);
    expect(failureOf(encodeSequence(algorithm, encodeBitString(Buffer.alloc(31, 7))))?.kind).toBe(
      'key-unsupported',
    );
  });
});
