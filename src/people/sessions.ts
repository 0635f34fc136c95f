import { hash } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Clock, RandomBytes } from '../edges.js';
import type { RecordPeopleEvent } from './people-event.js';
import type { InTransaction } from './record-change.js';
import type { Schema } from '../storage/schema.js';
import type { SessionStore } from './session-store.js';
import type { Grant } from './sign-in.js';
import type { User } from './user-store.js';

/** A session that is good now, and whose it is. */
export interface Session {
  readonly user: User;
  readonly sessionSha256: string;
  /** What every form of the session sends along; whoever knows it does not know the session. */
  readonly formToken: string;
}

/** When a session ends: after so long without use, and whatever it is used for. Seconds. */
export interface SessionLimits {
  readonly idleSeconds: number;
  readonly longestSeconds: number;
}

/** The sessions of browsers. */
export interface Sessions {
  /** A new one for who signed in; the value of its cookie, which is stored nowhere. */
  readonly grant: Grant<string>;
  /** Undefined where there is none that is good now; judged anew on every request. */
  find(cookie: string | undefined): Promise<Session | undefined>;
  end(session: Session, requestId: string): Promise<void>;
  /** Ends the one, if there is one, that a browser had before it signed in anew. */
  endFormer(cookie: string | undefined, requestId: string): Promise<void>;
  /** Whether a session counts in a transaction that holds its user. */
  isStillGood(sessionSha256: string, user: User, trx: Kysely<Schema>): Promise<boolean>;
}

const notedEverySeconds = 60;

/** Sessions end idle, at their longest, with their user, and when all of a user's tokens are withdrawn. */
export function makeSessions(edges: {
  readonly store: SessionStore;
  readonly limits: SessionLimits;
  readonly transaction: InTransaction;
  readonly recordEvent: RecordPeopleEvent;
  readonly random: RandomBytes;
  readonly clock: Clock;
}): Sessions {
  const { store, limits, transaction, recordEvent, random, clock } = edges;
  const { idleSeconds, longestSeconds } = limits;
  const sessions: Sessions = {
    grant: async (user, { address, userAgent, now }, trx) => {
      await store.forgetEnded({ expired: now, idle: now - idleSeconds }, trx);
      const cookie = Buffer.from(random(32)).toString('base64url');
      const session = {
        sessionSha256: hash('sha256', cookie),
        userId: user.id,
        createdAt: now,
        lastSeenAt: now,
        expiresAt: now + longestSeconds,
        ip: address,
        userAgent: userAgent?.slice(0, 200) ?? null,
      };
      await store.insert(session, trx);
      return { granted: cookie, detail: { session: session.sessionSha256.slice(0, 12) } };
    },
    find: async (cookie) => {
      if (cookie === undefined || !/^[\w-]{43}$/.test(cookie)) return undefined;
      const found = await store.find(hash('sha256', cookie));
      if (!found) return undefined;
      const { session, user } = found;
      const now = clock();
      const isOver = session.expiresAt <= now || session.lastSeenAt + idleSeconds <= now;
      const isWithdrawn = user.state !== 'active' || session.createdAt < user.tokenValidityBegin;
      if (isOver || isWithdrawn) return undefined;
      if (session.lastSeenAt + notedEverySeconds <= now)
        await store.noteUse(session.sessionSha256, now);
      const formToken = hash('sha256', `form ${cookie}`, 'base64url');
      return { user, sessionSha256: session.sessionSha256, formToken };
    },
    isStillGood: async (sessionSha256, user, trx) => {
      const found = await store.find(sessionSha256, trx);
      return found !== undefined && found.session.createdAt >= user.tokenValidityBegin;
    },
    end: async ({ user, sessionSha256 }, requestId) => {
      await transaction(async (trx) => {
        if (!(await store.remove(sessionSha256, trx))) return;
        const detail = { session: sessionSha256.slice(0, 12) };
        const actor = `user:${user.email}`;
        const event = { action: 'user.signed-out', actor, holder: user.email, requestId, detail };
        await recordEvent(event, trx);
      });
    },
    endFormer: async (cookie, requestId) => {
      const former = await sessions.find(cookie);
      if (former) await sessions.end(former, requestId);
    },
  };
  return sessions;
}
