import type { Clock, RandomBytes } from '../../edges.js';
import { addUserToken } from '../new-user-token.js';
import type { RecordPeopleEvent } from '../people-event.js';
import type { Sessions } from '../sessions.js';
import type { UserTokenStore } from '../user-token-store.js';
import type { GrantOnce } from './redeem-sign-in.js';

/** A month, as a sign-in by password gives. */
const tokenOrder = {
  description: 'sign-in by OpenID Connect',
  maxAgeSeconds: 30 * 86_400,
  extendWhenUsed: false,
} as const;

/** A token that is shown once. */
export function makeGrantIdentityToken(edges: {
  readonly tokens: Pick<UserTokenStore, 'insert' | 'forgetExpired'>;
  readonly recordEvent: RecordPeopleEvent;
  readonly random: RandomBytes;
  readonly clock: Clock;
}): GrantOnce<string> {
  const { tokens, recordEvent, random, clock } = edges;
  return async (user, { requestId }, trx) => {
    const making = { tokens, random, now: clock(), createdManually: false };
    const { fullToken, token } = await addUserToken(user.id, tokenOrder, making, trx);
    const event = { actor: `user:${user.email}`, holder: user.email, requestId };
    const detail = { token: token.prefix, ...tokenOrder };
    await recordEvent({ action: 'user-token.created', ...event, detail }, trx);
    return fullToken;
  };
}

/** The session of a browser: the value of its cookie. */
export function makeGrantIdentitySession(edges: {
  readonly sessions: Pick<Sessions, 'grant'>;
  readonly recordEvent: RecordPeopleEvent;
  readonly clock: Clock;
}): GrantOnce<string> {
  const { sessions, recordEvent, clock } = edges;
  return async (user, { address, userAgent, requestId }, trx) => {
    const { granted, detail } = await sessions.grant(
      user,
      { address, userAgent, now: clock() },
      trx,
    );
    const event = { actor: `user:${user.email}`, holder: user.email, requestId };
    await recordEvent({ action: 'user.session-began', ...event, detail }, trx);
    return granted;
  };
}
