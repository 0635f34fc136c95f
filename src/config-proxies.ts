import { isIP } from 'node:net';
import { z } from 'zod';

/** Proxies that are trusted: those whose address shares its first `prefix` bits with `address`. */
export interface ProxySetting {
  readonly address: string;
  readonly prefix: number;
  /** SHA-256 of the certificate that the proxy itself must present, lower-case hex; undefined: the address is enough. */
  readonly sha256: string | undefined;
}

/** `ADDRESS`, `ADDRESS/PREFIX`, each with `=SHA256` where it is pinned, separated by commas. */
export const pinnedProxiesValue = proxiesValue({
  read: readPinned,
  form: 'must be IP addresses or CIDR blocks separated by commas, such as 10.0.0.5 or 10.0.1.0/24, each with =SHA256 of its certificate where the proxy is pinned',
});

/** `ADDRESS` or `ADDRESS/PREFIX`, separated by commas. */
export const plainProxiesValue = proxiesValue({
  read: readBlock,
  form: 'must be IP addresses or CIDR blocks separated by commas, such as 10.0.0.5 or 10.0.1.0/24',
});

/** How many proxies a request passes through: 1 to 9. */
export const hopsValue = z
  .string()
  .regex(/^[1-9]$/, 'must be a whole number of proxies from 1 to 9')
  .transform(Number);

function proxiesValue(syntax: {
  readonly read: (item: string) => ProxySetting | undefined;
  readonly form: string;
}) {
  return z.string().transform((text, context): readonly ProxySetting[] => {
    const proxies = text.split(',').map((item) => syntax.read(item.trim()));
    const read = proxies.filter((proxy) => proxy !== undefined);
    if (read.length < proxies.length) {
      context.addIssue({ code: 'custom', message: syntax.form });
    } else if (read.some(({ prefix, sha256 }) => prefix === 0 && sha256 === undefined)) {
      context.addIssue({ code: 'custom', message: 'must not trust every address there is' });
    }
    return read;
  });
}

function readPinned(item: string): ProxySetting | undefined {
  const [place = '', pin, ...more] = item.split('=');
  const block = readBlock(place);
  if (block === undefined || more.length > 0) return undefined;
  if (pin === undefined) return block;
  // openssl prints fingerprints in upper case with colons.
  const isSha256 = /^([0-9a-f]{64}|[0-9a-f]{2}(:[0-9a-f]{2}){31})$/i.test(pin);
  return isSha256 ? { ...block, sha256: pin.replaceAll(':', '').toLowerCase() } : undefined;
}

function readBlock(place: string): ProxySetting | undefined {
  const [address = '', digits, ...more] = place.split('/');
  const version = isIP(address);
  // An IPv4 address is compared as one, also where it comes mapped into IPv6.
  const isOdd = address.includes('%') || /^::ffff:/i.test(address);
  if (version === 0 || isOdd || more.length > 0) return undefined;
  const bits = version === 4 ? 32 : 128;
  if (digits === undefined) return { address, prefix: bits, sha256: undefined };
  const prefix = Number(digits);
  if (!/^[0-9]{1,3}$/.test(digits) || prefix > bits) return undefined;
  return { address, prefix, sha256: undefined };
}
