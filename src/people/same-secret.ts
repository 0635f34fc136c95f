import { timingSafeEqual } from 'node:crypto';

/** Whether two secrets are the same; how long it takes does not tell where they differ. */
export function isSameSecret(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
