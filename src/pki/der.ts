declare const isDer: unique symbol;
declare const isSerialNumber: unique symbol;

/** One DER value (X.690), tag to last content byte. */
export type Der = Uint8Array & { readonly [isDer]: true };

/** A certificate's serial number as lower-case hex of its INTEGER content, two digits a byte (RFC 5280 4.1.2.2). */
export type SerialNumber = string & { readonly [isSerialNumber]: true };

/** Marks bytes that were just encoded or judged to be one DER value. */
export function asDer(bytes: Uint8Array): Der {
  return bytes as Der;
}

/** Marks lower-case hex that was just made or read as a serial number. */
export function asSerialNumber(hex: string): SerialNumber {
  return hex as SerialNumber;
}
