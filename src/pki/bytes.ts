/** The same bytes as a Buffer, without a copy. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Lower-case hex, two digits a byte. */
export function hexOf(bytes: Uint8Array): string {
  return asBuffer(bytes).toString('hex');
}

/** Whether both hold the same bytes; for public values, not in constant time. */
export function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return asBuffer(left).equals(right);
}
