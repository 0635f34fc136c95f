/** A SHA-256 as people write it, with colons and in upper case too -> lower-case hex; undefined for anything else. */
export function readFingerprint(text: string): string | undefined {
  const sha256 = text.replaceAll(':', '').toLowerCase();
  return /^[0-9a-f]{64}$/.test(sha256) ? sha256 : undefined;
}

/** A SHA-256 in hex -> as openssl prints it, `AB:CD:...`. */
export function writeFingerprint(sha256: string): string {
  return sha256.toUpperCase().replace(/..(?=.)/g, '$&:');
}
