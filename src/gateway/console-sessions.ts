import { makeOwnCookie } from '../http/cookies.js';
import type { OwnCookie } from '../http/cookies.js';
import { makeSessionStore } from '../people/session-store.js';
import { makeSessions } from '../people/sessions.js';
import type { Sessions } from '../people/sessions.js';
import type { Foundation } from './foundation.js';

/** The sessions of browsers on the admin listener, and the cookie that carries them; however somebody signs in. */
export function makeConsoleSessions(foundation: Foundation): {
  readonly sessions: Sessions;
  readonly cookie: OwnCookie;
} {
  const { config, database, stores, clock, random } = foundation;
  const { transaction, recordEvent } = stores;
  const isHttps = config.admin.tls || config.proxies.admin.length > 0;
  return {
    sessions: makeSessions({
      store: makeSessionStore(database.db),
      limits: config.sessions,
      transaction,
      recordEvent,
      random,
      clock,
    }),
    cookie: makeOwnCookie({ name: 'everleaf-session', isHttps, sameSite: 'strict' }),
  };
}
