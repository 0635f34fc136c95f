/** The edges that a test may replace, as narrow as the rooms need them. */

/** Now, in whole seconds UTC since 1970. */
export type Clock = () => number;

/** `length` bytes from a cryptographically secure source. */
export type RandomBytes = (length: number) => Uint8Array;

/** One structured line per call; fields hold no secret. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
