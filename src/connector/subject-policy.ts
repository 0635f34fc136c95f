import { Failure } from '../failure.js';
import type { Der } from '../pki/der.js';
import { sameBytes } from '../pki/bytes.js';
import { compareNames, readName } from '../pki/names.js';
import type { Name, NameMismatch } from '../pki/names.js';

const contractNames: Readonly<Record<string, string>> = {
  C: 'country',
  O: 'organization',
  OU: 'organizational unit',
  L: 'locality',
  ST: 'province',
};

/**
 * Refuses a request whose subject is not exactly the expected one. Throws the Failure `subject-mismatch` with the
 * contract's sentence for the attribute, and what was expected as detail.
 */
export function requireSubject(requested: Name, expected: Der): void {
  // Most clients send the subject as they have it: then the expected one need not be read.
  if (sameBytes(requested.der, expected)) return;
  const mismatch = compareNames({ requested, expected: readName(expected) });
  if (!mismatch) return;
  throw new Failure('subject-mismatch', sentenceFor(mismatch), {
    detail: detailFor(mismatch),
    // A request in another application's name is worth a look.
    isSuspicious: mismatch.attribute === 'CN' && mismatch.problem === 'different',
  });
}

function sentenceFor({ attribute, problem }: NameMismatch): string {
  if (attribute === 'CN') return 'CSR: Invalid common name provided.';
  const name = contractNames[attribute];
  if (name === undefined) return `CSR: Invalid subject provided: ${attribute} is not expected.`;
  return problem === 'missing' ? `CSR: No ${name} provided.` : `CSR: Invalid ${name} provided.`;
}

function detailFor({ attribute, problem, expected }: NameMismatch): string {
  const wanted =
    expected === undefined ? 'The subject must not hold it' : `Expected ${attribute}=${expected}`;
  return `${wanted}; found: ${problem}.`;
}
