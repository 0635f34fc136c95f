import { askForRotation } from './governed-user.js';

/** A certificate that ends, on record and in use. */
export interface Expiry {
  readonly kind: 'service-user' | 'project-ca' | 'gateway-ca' | 'application' | 'runtime';
  /** Of the certificate: one is told from every other by it, and keeps it. */
  readonly sha256: string;
  /** Seconds UTC. */
  readonly endsAt: number;
  readonly project: string | null;
  readonly service: string | null;
  /** The service user, the application or runtime; the id of an authority. */
  readonly name: string;
  /** Of a service user: the access that owns it, where one does. */
  readonly accessId: string | null;
  /** pending: its successor is there, and somebody has to take that one into use. */
  readonly state: 'current' | 'pending';
  readonly toAct: Actor;
}

/** An end as people look at it: whose, when, and who has to do something about it. */
export type UpcomingEnd = Omit<Expiry, 'sha256'>;

/** Who has to do something about it; owners: the group that owns the access. */
export type Actor = 'gateway' | 'owners' | 'members' | 'admins' | 'holder' | 'operator';

/** What is to be done about it, in a sentence for people. */
export function adviceFor(expiry: UpcomingEnd, now: number): string {
  const { kind, state, toAct, endsAt, accessId } = expiry;
  switch (kind) {
    case 'service-user':
      if (accessId !== null)
        return endsAt <= now
          ? `It has ended. ${askForRotation(accessId)}`
          : askForRotation(accessId);
      if (state === 'pending')
        return 'Download the new key and certificate, take them into use and acknowledge the renewal.';
      if (endsAt <= now) return 'It has ended: reset the credentials of the user.';
      if (toAct === 'members')
        return 'It is not renewed while its service has no power or no certificates: reset the credentials in time.';
      return 'It is renewed by itself, and then announced.';
    case 'project-ca':
    case 'gateway-ca':
      return state === 'pending'
        ? 'It is being replaced: let everybody who trusts it trust its successor too.'
        : 'Replace it long before its end, for what it issues ends no later.';
    case 'application':
    case 'runtime':
      return 'Its holder renews it; where that has stopped, look after the holder.';
  }
}

/** What ends, in a few words. */
export function titleOf({ kind, state, project, service, name }: Expiry): string {
  switch (kind) {
    case 'service-user': {
      const which = state === 'pending' ? 'old certificate' : 'certificate';
      return `${project ?? ''}/${service ?? ''} ${name}: ${which} ends`;
    }
    case 'project-ca':
      return `${project ?? ''}: project CA ends`;
    case 'gateway-ca':
      return `CA ${name} ends`;
    case 'application':
    case 'runtime':
      return `${name}: certificate ends`;
  }
}

/** The first to end comes first; of two that end together the lesser SHA-256. */
export function compareExpiries(one: ExpiryPlace, other: ExpiryPlace): number {
  if (one.endsAt !== other.endsAt) return one.endsAt - other.endsAt;
  return one.sha256 < other.sha256 ? -1 : Number(one.sha256 > other.sha256);
}

/** So many of these, by their end. */
export function firstOf(ends: readonly UpcomingEnd[], most: number): UpcomingEnd[] {
  return [...ends].sort((one, other) => one.endsAt - other.endsAt).slice(0, most);
}

/** Where a page begins: behind this one. */
export type ExpiryPlace = Pick<Expiry, 'endsAt' | 'sha256'>;
