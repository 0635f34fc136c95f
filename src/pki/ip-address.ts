import { isIPv4, isIPv6 } from 'node:net';

/** The 4 or 16 octets of an address in text form (RFC 5280 4.2.1.6); throws RangeError for other text. */
export function encodeIpAddress(text: string): Uint8Array {
  if (isIPv4(text)) return Uint8Array.from(text.split('.'), Number);
  if (!isIPv6(text) || text.includes('%')) throw new RangeError(`not an IP address: ${text}`);
  const [head = '', tail] = withoutDots(text).split('::');
  const front = groupsOf(head);
  const back = tail === undefined ? [] : groupsOf(tail);
  const middle = Array.from({ length: 8 - front.length - back.length }, () => 0);
  return Uint8Array.from(
    [...front, ...middle, ...back].flatMap((group) => [group >> 8, group & 255]),
  );
}

/** Text form of 4 or 16 octets, IPv6 as in RFC 5952; undefined for other lengths. */
export function formatIpAddress(bytes: Uint8Array): string | undefined {
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length !== 16) return undefined;
  const groups: string[] = [];
  for (let at = 0; at < 16; at += 2) {
    groups.push((((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)).toString(16));
  }
  return shorten(groups);
}

/** Replaces the first longest run of two or more zero groups by `::` (RFC 5952 4.2). */
function shorten(groups: readonly string[]): string {
  let best = { start: 0, length: 1 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === '0') length++;
    if (length > best.length) best = { start, length };
  }
  if (best.length < 2) return groups.join(':');
  const front = groups.slice(0, best.start).join(':');
  return `${front}::${groups.slice(best.start + best.length).join(':')}`;
}

function withoutDots(text: string): string {
  return text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_all, ...bytes: readonly string[]) => {
    const [a, b, c, d] = bytes.map(Number);
    return `${groupOf(a, b)}:${groupOf(c, d)}`;
  });
}

function groupOf(high = 0, low = 0): string {
  return (high * 256 + low).toString(16);
}

function groupsOf(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}
