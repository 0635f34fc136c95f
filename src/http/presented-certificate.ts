import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';

/** A certificate whose holder is at the other end; nothing else about it is known yet. */
export interface PresentedCertificate {
  /** Undefined where a proxy gave the hash alone. */
  readonly der: Uint8Array | undefined;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** A connection cannot change its certificate (no renegotiation); what that one is worth is asked every time. */
const presentedOn = new WeakMap<TLSSocket, PresentedCertificate>();

/** The certificate of the connection itself: TLS has proven that the other end holds its key. */
export function presentedCertificate({
  socket,
}: IncomingMessage): PresentedCertificate | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const known = presentedOn.get(socket);
  if (known) return known;
  const der = socket.getPeerX509Certificate()?.raw;
  if (!der) return undefined;
  const presented = { der, sha256: hash('sha256', der) };
  presentedOn.set(socket, presented);
  return presented;
}
