import { isCloseProduct } from './close-primes.js';
import { hexOf } from './bytes.js';

/** Odd primes up to 751, as many as Boulder and the CA/Browser Forum's checkers divide by. */
const primes = oddPrimesUpTo(751);
const rocaPrimes = primes.filter((prime) => prime <= 167);

interface PrimeGroup {
  readonly primes: readonly number[];
  readonly divisor: bigint;
}

/** Neighbouring primes and their product, each below 2^53: one long division, then cheap ones. */
const groups = groupPrimes();
const wholeProduct = groups.reduce((product, group) => product * group.divisor, 1n);

/** For each small prime the residues that a modulus made by the ROCA generator can have: powers of 65537. */
const rocaResidues = rocaPrimes.map((prime) => powersOf65537(prime));

/**
 * The weakness of an RSA modulus (unsigned, big endian), in words for the client: even, small prime factor, ROCA
 * (CVE-2017-15361), close primes (CVE-2022-26320). Undefined when none was found.
 */
export function findRsaWeakness(modulus: Uint8Array): string | undefined {
  if (((modulus[modulus.length - 1] ?? 0) & 1) === 0) return 'its modulus is even';
  const number = BigInt(`0x${hexOf(modulus)}`);
  const residues = residuesOf(number);
  const factor = primes[residues.indexOf(0)];
  if (factor !== undefined) return `its modulus is divisible by ${factor}`;
  if (rocaResidues.every((allowed, index) => allowed.has(residues[index] ?? 0))) {
    return 'it was made by a faulty generator (ROCA, CVE-2017-15361)';
  }
  if (isCloseProduct(number)) return 'its primes are too close to each other (CVE-2022-26320)';
  return undefined;
}

/** The modulus modulo each small prime, in the order of `primes`; loops because it runs for every request. */
function residuesOf(number: bigint): Uint16Array {
  const rest = number % wholeProduct;
  const residues = new Uint16Array(primes.length);
  let at = 0;
  for (const group of groups) {
    const small = Number(rest % group.divisor);
    for (const prime of group.primes) residues[at++] = small % prime;
  }
  return residues;
}

function oddPrimesUpTo(limit: number): number[] {
  const found: number[] = [];
  for (let candidate = 3; candidate <= limit; candidate += 2) {
    if (found.every((prime) => candidate % prime !== 0)) found.push(candidate);
  }
  return found;
}

function groupPrimes(): PrimeGroup[] {
  const found: PrimeGroup[] = [];
  let current: number[] = [];
  let product = 1;
  for (const prime of primes) {
    if (product * prime > Number.MAX_SAFE_INTEGER) {
      found.push({ primes: current, divisor: BigInt(product) });
      current = [];
      product = 1;
    }
    current.push(prime);
    product *= prime;
  }
  return [...found, { primes: current, divisor: BigInt(product) }];
}

function powersOf65537(prime: number): ReadonlySet<number> {
  const powers = new Set<number>();
  for (let power = 1; !powers.has(power); power = (power * 65537) % prime) powers.add(power);
  return powers;
}
