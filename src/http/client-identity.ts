import type { IncomingMessage } from 'node:http';
import type { Clock } from '../edges.js';
import type { ReadForwarded } from './forwarded-certificate.js';
import { presentedCertificate } from './presented-certificate.js';
import { contextOf } from './request-context.js';

/** What the record must tell about a certificate for its holder to be judged. Times in seconds UTC. */
export interface JudgedRecord {
  readonly notBefore: number;
  readonly notAfter: number;
  readonly revokedAt: number | null;
  readonly authorityState: string;
}

/**
 * Who presents a certificate, judged now. `unknown`: foreign; `not-on-record`: signed here, but never put on record.
 * `detail`: what to change, where a proxy is the reason that there is none, or no more of it.
 */
export type ClientIdentity<Recorded extends JudgedRecord> =
  | { readonly state: 'none'; readonly detail?: string | undefined }
  | { readonly state: 'unknown'; readonly sha256: string; readonly detail?: string | undefined }
  | {
      readonly state: 'not-on-record';
      readonly sha256: string;
      /** Why it was not adopted, where adoption was tried. */
      readonly refusal?: string | undefined;
    }
  | { readonly state: RecordedState; readonly sha256: string; readonly record: Recorded };

export type RecordedState = 'valid' | 'expired' | 'not-yet-valid' | 'revoked' | 'authority-retired';

export type Identify<Recorded extends JudgedRecord> = (
  request: IncomingMessage,
) => Promise<ClientIdentity<Recorded>>;

/** Puts a certificate that was signed here on record, or says why not. */
export type Adopt<Recorded extends JudgedRecord> = (presented: {
  readonly der: Uint8Array;
  readonly sha256: string;
  readonly requestId: string;
}) => Promise<{ readonly record: Recorded } | { readonly refusal: string }>;

/**
 * Decides who the client is, on every request: kept-alive connections and resumed TLS sessions outlive expiry and
 * revocation, so neither `authorized` nor anything remembered of the connection counts. Behind a trusted proxy the
 * client is whom the proxy names, never the proxy itself.
 */
export function makeIdentify<Recorded extends JudgedRecord>(edges: {
  readonly findRecord: (sha256: string) => Promise<Recorded | undefined>;
  readonly isSignedHere: (der: Uint8Array) => boolean;
  readonly readForwarded: ReadForwarded;
  /** Absent: what is not on record stays off it. */
  readonly adopt?: Adopt<Recorded> | undefined;
  readonly clock: Clock;
}): Identify<Recorded> {
  return async (request) => {
    const forwarded = edges.readForwarded(request);
    if (forwarded && !forwarded.certificate) return { state: 'none', detail: forwarded.detail };
    const presented = forwarded?.certificate ?? presentedCertificate(request);
    if (!presented) return { state: 'none' };
    const { der, sha256 } = presented;
    const record = await edges.findRecord(sha256);
    if (record) return { state: judgeRecord(record, edges.clock()), sha256, record };
    if (der === undefined) return { state: 'unknown', sha256, detail: hashAlone };
    if (!edges.isSignedHere(der)) return { state: 'unknown', sha256 };
    const { requestId } = contextOf(request);
    const adopted = await edges.adopt?.({ der, sha256, requestId });
    if (!adopted || 'refusal' in adopted)
      return { state: 'not-on-record', sha256, refusal: adopted?.refusal };
    return { state: judgeRecord(adopted.record, edges.clock()), sha256, record: adopted.record };
  };
}

/** Then there is no signature to judge, and nothing that could be adopted. */
const hashAlone =
  'The proxy forwarded its hash alone, which is known of certificates on record: let it forward Cert.';

/** The state of a recorded certificate at `now`. An expired one can do nothing any more, not even revoke itself. */
export function judgeRecord(record: JudgedRecord, now: number): RecordedState {
  if (now > record.notAfter) return 'expired';
  if (record.revokedAt !== null) return 'revoked';
  if (now < record.notBefore) return 'not-yet-valid';
  if (record.authorityState === 'retired') return 'authority-retired';
  return 'valid';
}
