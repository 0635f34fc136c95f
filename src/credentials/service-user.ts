import { Failure } from '../failure.js';
import type { JsonObject } from './service.js';

/** Where a service user belongs. */
export interface ServiceUserName {
  readonly project: string;
  readonly service: string;
  readonly username: string;
}

/** The pair in use now; the key is sealed. */
export interface CurrentPair {
  readonly sha256: string;
  /** DER, base64. */
  readonly certificate: string;
  /** Of the PKCS#8 key; null where its holder made the key. */
  readonly sealedKey: string | null;
  readonly notAfter: number;
}

/** A renewal that nobody has acknowledged yet. Times in seconds UTC. */
export interface PendingRenewal {
  readonly id: string;
  readonly renewedAt: number;
  readonly oldSha256: string;
  readonly oldNotAfter: number;
}

/** The holder's own key, for which the next renewal issues. */
export interface NextKey {
  /** SubjectPublicKeyInfo, base64. */
  readonly spki: string;
  /** When its certification request came; seconds UTC. */
  readonly since: number;
}

/** A user of a service, with credentials that Everleaf renews. */
export interface ServiceUser extends ServiceUserName {
  readonly id: string;
  readonly type: 'primary' | 'normal';
  readonly sealedPassword: string | null;
  readonly passwordUpdatedAt: number | null;
  readonly accessControl: JsonObject;
  readonly authentication: string | null;
  readonly pair: CurrentPair | undefined;
  readonly pending: PendingRenewal | undefined;
  /** SHA-256 of the idempotency key of the last reset that had one. */
  readonly resetKey: string | null;
  /** Whether its holder may fetch a pending pair itself, with the old certificate. */
  readonly isSelfService: boolean;
  /** The pending renewal whose pair was fetched so. */
  readonly fetchedPendingId: string | null;
  /** The same of the last renewal that somebody asked for. */
  readonly renewalKey: string | null;
  /** Since when a renewal is asked for that has not been made. */
  readonly renewalAskedAt: number | null;
  readonly nextKey: NextKey | undefined;
  /** The access that owns it: its credentials change by approved requests alone. */
  readonly accessId: string | null;
  /** No route shows the present pair: it was revealed once, or waits for a rotation. */
  readonly isWithheld: boolean;
  /** Who else hears of a renewal. */
  readonly recipients: readonly string[];
  readonly createdAt: number;
}

/** The holder of its certificates on record: projects and services have no `/` in their names. */
export function holderOfServiceUser({ project, service, username }: ServiceUserName): string {
  return `${project}/${service}/${username}`;
}

/** Whom holderOfServiceUser named; undefined for a certificate of another kind. */
export function serviceUserOfHolder({
  kind,
  holder,
}: {
  readonly kind: string;
  readonly holder: string;
}): ServiceUserName | undefined {
  const [project = '', service = '', ...username] = holder.split('/');
  if (kind !== 'service-user' || username.length === 0) return undefined;
  return { project, service, username: username.join('/') };
}

/** The refusal of what names no service user. */
export function userUnknown(): Failure {
  return new Failure('resource-unknown', 'Service user not found.');
}
