const steps = 4;

/** 2^4 * 3^2 * 5 * 7: only one number in 26 is a square modulo this, so few roots are taken. */
const filterModulus = 5040;
const filter = BigInt(filterModulus);
const squareResidues = squaresModulo(filterModulus);

/**
 * Whether an odd number is a product of two factors so close that a few steps of Fermat's method find them
 * (CVE-2022-26320). A proper key passes: its primes differ in their first 100 bits (FIPS 186-5 A.1.3).
 */
export function isCloseProduct(product: bigint): boolean {
  let middle = squareRoot(product);
  if (middle * middle < product) middle += 1n;
  let difference = middle * middle - product;
  for (let step = 0; step < steps; step++) {
    if (isSquare(difference)) return true;
    difference += 2n * middle + 1n;
    middle += 1n;
  }
  return false;
}

function isSquare(number: bigint): boolean {
  if (squareResidues[Number(number % filter)] === 0) return false;
  const root = squareRoot(number);
  return root * root === number;
}

/** The whole part of the square root: Newton's method with a precision that doubles at each step. */
function squareRoot(number: bigint): bigint {
  if (number < 2n) return number;
  const half = (bitLength(number) - 1) >> 1;
  const levels = 32 - Math.clz32(half);
  let root = 1n;
  let precision = 0;
  for (let level = levels - 1; level >= 0; level--) {
    const before = precision;
    precision = half >> level;
    const shifted = number >> BigInt(2 * half - before - precision + 1);
    root = (root << BigInt(precision - before - 1)) + shifted / root;
  }
  return root * root > number ? root - 1n : root;
}

function bitLength(number: bigint): number {
  const digits = number.toString(16);
  return digits.length * 4 + 28 - Math.clz32(Number.parseInt(digits.charAt(0), 16));
}

function squaresModulo(modulus: number): Uint8Array {
  const isResidue = new Uint8Array(modulus);
  for (let root = 0; root < modulus; root++) isResidue[(root * root) % modulus] = 1;
  return isResidue;
}
