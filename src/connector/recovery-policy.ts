import type { LineMember } from '../authority/line-store.js';
import { judgeRecord } from '../http/client-identity.js';

/** What became of a line; `newest` is its latest certificate, of a valid line its latest valid one. */
export interface JudgedLine {
  readonly state: 'valid' | 'revoked' | 'lapsed';
  readonly newest: LineMember;
}

/**
 * Certificates -> their lines, those that ended last first. A line is valid while one of its certificates is; else it
 * is what its newest is: revoked, or lapsed, because it has expired or its authority has been retired.
 */
export function judgeLines(members: readonly LineMember[], now: number): JudgedLine[] {
  const names = new Set(members.map(({ line }) => line));
  return [...names]
    .map((name) =>
      judgeLine(
        members.filter(({ line }) => line === name),
        now,
      ),
    )
    .sort((a, b) => b.newest.notAfter - a.newest.notAfter);
}

function judgeLine(members: readonly LineMember[], now: number): JudgedLine {
  const renewed = new Set(members.map(({ predecessor }) => predecessor));
  const newestFirst = [...members].sort(newerFirst);
  const valid = newestFirst.find((member) => isGood(member, now));
  if (valid) return { state: 'valid', newest: valid };
  const newest = newestFirst.find(({ sha256 }) => !renewed.has(sha256));
  if (!newest) throw new Error('a line without certificates was judged');
  return { state: newest.revokedAt === null ? 'lapsed' : 'revoked', newest };
}

function isGood(member: LineMember, now: number): boolean {
  const state = judgeRecord(member, now);
  return state === 'valid' || state === 'not-yet-valid';
}

/** Of those issued in one second the unrevoked come first: a holder could have renewed any of them. */
function newerFirst(a: LineMember, b: LineMember): number {
  return (
    b.issuedAt - a.issuedAt ||
    Number(a.revokedAt !== null) - Number(b.revokedAt !== null) ||
    b.notAfter - a.notAfter ||
    (a.sha256 < b.sha256 ? -1 : 1)
  );
}
