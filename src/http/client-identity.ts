import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { Clock } from '../edges.js';

/** What the record must tell about a certificate for its holder to be judged. Times in seconds UTC. */
export interface JudgedRecord {
  readonly notBefore: number;
  readonly notAfter: number;
  readonly revokedAt: number | null;
  readonly authorityState: string;
}

/** Who presents a certificate, judged now. `unknown`: foreign; `not-on-record`: signed here, but never put on record. */
export type ClientIdentity<Recorded extends JudgedRecord> =
  | { readonly state: 'none' }
  | { readonly state: 'unknown' | 'not-on-record'; readonly sha256: string }
  | { readonly state: RecordedState; readonly sha256: string; readonly record: Recorded };

export type RecordedState = 'valid' | 'expired' | 'not-yet-valid' | 'revoked' | 'authority-retired';

export type Identify<Recorded extends JudgedRecord> = (
  request: IncomingMessage,
) => Promise<ClientIdentity<Recorded>>;

/**
 * Decides who the client is, on every request: kept-alive connections and resumed TLS sessions outlive expiry and
 * revocation, so neither `authorized` nor anything remembered of the connection counts.
 */
export function makeIdentify<Recorded extends JudgedRecord>(edges: {
  readonly findRecord: (sha256: string) => Promise<Recorded | undefined>;
  readonly isSignedHere: (der: Uint8Array) => boolean;
  readonly clock: Clock;
}): Identify<Recorded> {
  return async (request) => {
    const presented = presentedCertificate(request);
    if (!presented) return { state: 'none' };
    const { der, sha256 } = presented;
    const record = await edges.findRecord(sha256);
    if (!record) return { state: edges.isSignedHere(der) ? 'not-on-record' : 'unknown', sha256 };
    return { state: judgeRecord(record, edges.clock()), sha256, record };
  };
}

/** The state of a recorded certificate at `now`. An expired one can do nothing any more, not even revoke itself. */
export function judgeRecord(record: JudgedRecord, now: number): RecordedState {
  if (now > record.notAfter) return 'expired';
  if (record.revokedAt !== null) return 'revoked';
  if (now < record.notBefore) return 'not-yet-valid';
  if (record.authorityState === 'retired') return 'authority-retired';
  return 'valid';
}

interface PresentedCertificate {
  readonly der: Uint8Array;
  readonly sha256: string;
}

/** A connection cannot change its certificate (no renegotiation); what that one is worth is asked every time. */
const presentedOn = new WeakMap<TLSSocket, PresentedCertificate>();

/** TLS has proven that the other end holds the key of this certificate; nothing else about it is known yet. */
function presentedCertificate({ socket }: IncomingMessage): PresentedCertificate | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const known = presentedOn.get(socket);
  if (known) return known;
  const der = socket.getPeerX509Certificate()?.raw;
  if (!der) return undefined;
  const presented = { der, sha256: hash('sha256', der) };
  presentedOn.set(socket, presented);
  return presented;
}
