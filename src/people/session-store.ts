import type { Kysely } from 'kysely';
import type { Schema } from '../storage/schema.js';
import { userOf } from './user-store.js';
import type { User } from './user-store.js';

/** A session as it is stored: by hash, never by value. Times in seconds UTC. */
export interface StoredSession {
  readonly sessionSha256: string;
  readonly userId: string;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  readonly expiresAt: number;
  readonly ip: string;
  readonly userAgent: string | null;
}

export interface SessionStore {
  insert(session: StoredSession, trx: Kysely<Schema>): Promise<void>;
  /** With its user, whatever became of either. */
  find(
    sessionSha256: string,
    trx?: Kysely<Schema>,
  ): Promise<{ session: StoredSession; user: User } | undefined>;
  noteUse(sessionSha256: string, now: number): Promise<void>;
  /** Whether this call removed it. */
  remove(sessionSha256: string, trx: Kysely<Schema>): Promise<boolean>;
  /** Those that have ended, so that none is kept for nothing. */
  forgetEnded(
    before: { readonly expired: number; readonly idle: number },
    trx: Kysely<Schema>,
  ): Promise<void>;
}

/** The SQL of sessions. */
export function makeSessionStore(db: Kysely<Schema>): SessionStore {
  return {
    insert: async (session, trx) => {
      await trx
        .insertInto('sessions')
        .values({
          session_sha256: session.sessionSha256,
          user_id: session.userId,
          created_at: session.createdAt,
          last_seen_at: session.lastSeenAt,
          expires_at: session.expiresAt,
          ip: session.ip,
          user_agent: session.userAgent,
        })
        .execute();
    },
    find: async (sessionSha256, trx = db) => {
      const row = await trx
        .selectFrom('sessions as s')
        .innerJoin('users as u', 'u.id', 's.user_id')
        .selectAll('u')
        .select(['s.session_sha256', 's.user_id', 's.last_seen_at', 's.expires_at', 's.ip'])
        .select(['s.user_agent', 's.created_at as session_created_at'])
        .where('s.session_sha256', '=', sessionSha256)
        .executeTakeFirst();
      if (!row) return undefined;
      const session = {
        sessionSha256: row.session_sha256,
        userId: row.user_id,
        createdAt: row.session_created_at,
        lastSeenAt: row.last_seen_at,
        expiresAt: row.expires_at,
        ip: row.ip,
        userAgent: row.user_agent,
      };
      return { session, user: userOf(row) };
    },
    noteUse: async (sessionSha256, now) => {
      await db
        .updateTable('sessions')
        .set({ last_seen_at: now })
        .where('session_sha256', '=', sessionSha256)
        .where('last_seen_at', '<', now)
        .execute();
    },
    remove: async (sessionSha256, trx) => {
      const result = await trx
        .deleteFrom('sessions')
        .where('session_sha256', '=', sessionSha256)
        .executeTakeFirstOrThrow();
      return result.numDeletedRows === 1n;
    },
    forgetEnded: async ({ expired, idle }, trx) => {
      await trx
        .deleteFrom('sessions')
        .where((row) => row.or([row('expires_at', '<=', expired), row('last_seen_at', '<=', idle)]))
        .execute();
    },
  };
}
