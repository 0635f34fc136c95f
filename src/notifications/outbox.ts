import type { Kysely } from 'kysely';
import type { Schema } from '../storage/schema.js';

/** What is announced: facts for people, never a secret. Times in seconds UTC. */
export interface Announcement {
  readonly kind: 'certificate-renewed' | 'certificate-reminder' | 'credentials-fetched';
  readonly project: string;
  readonly service: string;
  readonly users: readonly {
    readonly username: string;
    /** End of the certificate that is in use now. */
    readonly oldNotAfter: number;
    readonly newNotAfter: number;
    /** Of the access that owns the user: nobody sees the new pair without a rotation. */
    readonly accessId?: string;
  }[];
}

/** The next CA of a project, which is published from now on. Times in seconds UTC. */
export interface AuthorityAnnouncement {
  readonly kind: 'authority-prepared';
  readonly project: string;
  /** It concerns all of them. */
  readonly service: '';
  readonly authority: {
    readonly id: string;
    readonly sha256: string;
    readonly notAfter: number;
    /** When it becomes active by itself, where there is a date. */
    readonly activateAt: number | null;
  };
}

/** What became of a request for new credentials of an access. Times in seconds UTC. */
export interface RotationAnnouncement {
  readonly kind:
    | 'rotation-requested'
    | 'rotation-deleted'
    | 'rotation-declined'
    | 'rotation-approved'
    | 'rotation-failed'
    | 'rotation-lapsed'
    | 'credentials-ready'
    | 'credentials-revealed'
    | 'credentials-lapsed';
  readonly project: string;
  readonly service: string;
  readonly rotation: {
    readonly id: string;
    readonly organizationId: string;
    readonly accessId: string;
    readonly accessName: string;
    readonly groupName: string;
    readonly username: string;
    /** Mail addresses. */
    readonly requester: string;
    readonly decider: string | null;
    readonly message: string;
    /** What the decider said. */
    readonly decision: string | null;
    /** Why there are no new credentials. */
    readonly failure: string | null;
    readonly revokeOld: 'at_once' | 'after_grace' | 'keep';
    /** How long after the reveal that is. */
    readonly graceSeconds: number;
    /** Until when it is to be decided, or the credentials are to be revealed. */
    readonly until: number | null;
    /** From where the credentials were revealed. */
    readonly address: string | null;
  };
}

/** One announcement to one recipient. */
export interface OutboxEntry {
  /** Equal keys are one entry, however often and by whomever it is added. */
  readonly dedupeKey: string;
  readonly channel: 'mail' | 'webhook';
  /** Mail address or id of a webhook. */
  readonly recipient: string;
  readonly announcement: Announcement | AuthorityAnnouncement | RotationAnnouncement;
}

export interface Outbox {
  /** In the transaction of what is announced: both are on record or none. `now` in seconds. */
  add(entries: readonly OutboxEntry[], now: number, trx: Kysely<Schema>): Promise<void>;
}
