import { createPrivateKey, generatePrimeSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { encodeBitString, encodeDer, encodeOid, encodeSequence } from '../../src/pki/der-writer.js';
import type { Der } from '../../src/pki/der.js';
import { oids } from '../../src/pki/object-identifiers.js';

/** A private key that signs well and is weak for the way in which its primes were chosen. */
export function rsaKeyOf(p: bigint, q: bigint): KeyObject {
  const e = 65537n;
  const d = inverse(e, (p - 1n) * (q - 1n));
  const parts = { n: p * q, e, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) };
  const jwk = Object.entries(parts).map(([name, part]) => [name, base64Url(part)]);
  return createPrivateKey({ format: 'jwk', key: { kty: 'RSA', ...Object.fromEntries(jwk) } });
}

/** Two neighbouring primes of 1024 bits (CVE-2022-26320). */
export function closePrimes(): readonly [bigint, bigint] {
  const first = prime(1024);
  for (let step = 2n; ; step += 2n) {
    if (isPrime(first + step)) return [first, first + step];
  }
}

/** Two primes as the faulty generator chose them: powers of 65537 modulo a primorial (CVE-2017-15361). */
export function rocaPrimes(): readonly [bigint, bigint] {
  const small = Array.from({ length: 166 }, (_none, index) => index + 2);
  const primes = small.filter((one) => small.every((two) => two >= one || one % two !== 0));
  const primorial = primes.reduce((product, one) => product * BigInt(one), 1n);
  const of = (power: bigint) =>
    generatePrimeSync(1024, { bigint: true, add: primorial, rem: raise(65537n, power, primorial) });
  for (;;) {
    const [p, q] = [of(12_345n), of(67_890n)];
    if ((p * q) >> 2047n === 1n) return [p, q];
  }
}

/** A small prime and one so large that their product has 2048 bits. */
export function smallAndLargePrime(small: bigint): readonly [bigint, bigint] {
  // OpenSSL sets the two highest bits of a prime, so the product does not come out shorter.
  return [small, prime(2048 - small.toString(2).length)];
}

/** A SubjectPublicKeyInfo of RSA with any modulus and exponent. */
export function rsaSpki(modulus: bigint, exponent = 65537n): Der {
  const integer = (number: bigint) => encodeDer(0x02, signedBytes(number));
  const key = encodeSequence(integer(modulus), integer(exponent));
  const algorithm = encodeSequence(encodeOid(oids.rsaEncryption), encodeDer(0x05));
  return encodeSequence(algorithm, encodeBitString(key));
}

function prime(bits: number): bigint {
  return generatePrimeSync(bits, { bigint: true });
}

/** Fermat's test to the base 2, which is good enough for large random numbers. */
function isPrime(candidate: bigint): boolean {
  const small = [3n, 5n, 7n, 11n, 13n, 17n, 19n, 23n];
  if (small.some((one) => candidate % one === 0n)) return false;
  return raise(2n, candidate - 1n, candidate) === 1n;
}

function raise(base: bigint, power: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (let rest = power, square = base; rest > 0n; rest >>= 1n) {
    if (rest % 2n === 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

function inverse(number: bigint, modulus: bigint): bigint {
  let [left, right, factor, next] = [modulus, number % modulus, 0n, 1n];
  while (right !== 0n) {
    const quotient = left / right;
    [left, right] = [right, left - quotient * right];
    [factor, next] = [next, factor - quotient * next];
  }
  return ((factor % modulus) + modulus) % modulus;
}

function unsignedBytes(number: bigint): Buffer {
  const hex = number.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
}

function signedBytes(number: bigint): Buffer {
  const bytes = unsignedBytes(number);
  return (bytes[0] ?? 0) < 0x80 ? bytes : Buffer.concat([Buffer.from([0]), bytes]);
}

function base64Url(number: bigint): string {
  return unsignedBytes(number).toString('base64url');
}
