/** One element of X-Forwarded-Client-Cert: what one proxy says of its client. Values without quotes, else as sent. */
export interface ForwardedElement {
  readonly hash: string | undefined;
  readonly cert: string | undefined;
  readonly chain: string | undefined;
}

/** Keys that describe the certificate as a whole; the others may be repeated, and decide nothing. */
const singleKeys: ReadonlySet<string> = new Set(['hash', 'cert', 'chain', 'subject']);

/**
 * The elements of one line of X-Forwarded-Client-Cert, as Envoy writes it: elements joined by `,`, each of `key=value`
 * joined by `;`, values quoted where they need it. Undefined for anything else. Linear in its length.
 */
export function parseForwardedClientCert(line: string): readonly ForwardedElement[] | undefined {
  const elements: ForwardedElement[] = [];
  let pairs = new Map<string, string>();
  let at = skipSpace(line, 0);
  for (;;) {
    const equals = line.indexOf('=', at);
    const key = line.slice(at, Math.max(at, equals)).toLowerCase();
    if (!/^[a-z]{1,16}$/.test(key) || (singleKeys.has(key) && pairs.has(key))) return undefined;
    const value = readValue(line, equals + 1);
    if (value === undefined) return undefined;
    pairs.set(key, value.text);
    at = value.end;
    if (line[at] === ';') {
      at += 1;
      continue;
    }
    elements.push({ hash: pairs.get('hash'), cert: pairs.get('cert'), chain: pairs.get('chain') });
    at = skipSpace(line, at);
    if (at === line.length) return elements;
    if (line[at] !== ',') return undefined;
    pairs = new Map();
    at = skipSpace(line, at + 1);
  }
}

interface Value {
  readonly text: string;
  /** The place after it. */
  readonly end: number;
}

function readValue(line: string, start: number): Value | undefined {
  if (line[start] === '"') return readQuoted(line, start + 1);
  let end = start;
  while (end < line.length && line[end] !== ',' && line[end] !== ';') {
    if (line[end] === '"') return undefined;
    end += 1;
  }
  return { text: line.slice(start, end).trimEnd(), end };
}

/**
 * A backslash covers the next character, whichever it is: subjects come escaped by RFC 4514 2.4, so `\\"` is a
 * backslash and then the end. Read otherwise, a subject could put keys of its own behind its closing quote.
 */
function readQuoted(line: string, start: number): Value | undefined {
  let text = '';
  let from = start;
  for (let at = start; at < line.length; at += 1) {
    if (line[at] === '"') return { text: text + line.slice(from, at), end: at + 1 };
    if (line[at] !== '\\') continue;
    text += line.slice(from, at);
    from = at + 1;
    at += 1;
  }
  return undefined;
}

function skipSpace(line: string, start: number): number {
  let at = start;
  while (line[at] === ' ' || line[at] === '\t') at += 1;
  return at;
}
