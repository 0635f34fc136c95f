import { hash, timingSafeEqual } from 'node:crypto';
import type { Clock, RandomBytes } from '../../edges.js';
import { addUserToken } from '../new-user-token.js';
import type { RecordPeopleEvent } from '../people-event.js';
import type { InTransaction } from '../record-change.js';
import type { User, UserStore } from '../user-store.js';
import type { UserTokenStore } from '../user-token-store.js';
import type { SignInNotes } from './sign-in-notes.js';
import type { OpenedNote } from './sealed-notes.js';
import type { FinishedSignIn } from './sign-in-notes.js';
import { staleSignIn, usedSignIn } from './stale-sign-in.js';
import type { UseOnce } from './used-store.js';

/** What the page after a sign-in sends back, and the secret of the browser that it was shown to. */
export interface HandOutCommand {
  readonly code: string;
  readonly browserSecret: string;
  readonly requestId: string;
}

/** The user and a token that is shown once. Throws the Failure `sign-in-stale`. */
export type HandOutToken = (
  command: HandOutCommand,
) => Promise<{ readonly user: User; readonly fullToken: string }>;

export interface HandOutTokenEdges {
  readonly notes: Pick<SignInNotes, 'finished'>;
  readonly useOnce: UseOnce;
  readonly users: Pick<UserStore, 'lockActive'>;
  readonly tokens: Pick<UserTokenStore, 'insert' | 'forgetExpired'>;
  readonly transaction: InTransaction;
  readonly recordEvent: RecordPeopleEvent;
  readonly random: RandomBytes;
  readonly clock: Clock;
}

/** A month, as a sign-in by password gives. */
const tokenOrder = {
  description: 'sign-in by OpenID Connect',
  maxAgeSeconds: 30 * 86_400,
  extendWhenUsed: false,
} as const;

/** A finished sign-in -> a token, once, and only while the user is still the one who signed in. */
export function makeHandOutToken(edges: HandOutTokenEdges): HandOutToken {
  const { notes, useOnce, users, tokens, transaction, random, clock } = edges;
  return async ({ code, browserSecret, requestId }) => {
    const opened = notes.finished.open(code);
    if (!opened || !isSame(hashOfSecret(browserSecret), opened.note.browserSha256))
      throw staleSignIn();
    const { note, expiresAt } = opened;
    return transaction(async (trx) => {
      if (!(await useOnce({ secret: note.id, expiresAt }, trx))) throw usedSignIn();
      const user = await users.lockActive(note.userId, trx);
      if (!user || !isStillGood(user, opened)) throw staleSignIn();
      const making = { tokens, random, now: clock(), createdManually: false };
      const { fullToken, token } = await addUserToken(user.id, tokenOrder, making, trx);
      const { description, maxAgeSeconds, extendWhenUsed } = tokenOrder;
      await edges.recordEvent(
        {
          action: 'user-token.created',
          actor: `user:${user.email}`,
          holder: user.email,
          requestId,
          detail: { token: token.prefix, description, maxAgeSeconds, extendWhenUsed },
        },
        trx,
      );
      return { user, fullToken };
    });
  };
}

/** The secret of a browser as the page after a sign-in knows it. */
export function hashOfSecret(secret: string): string {
  return hash('sha256', secret);
}

/** Not after the identity was taken away, nor after all that was signed in before was ended. */
function isStillGood(user: User, { note, sealedAt }: OpenedNote<FinishedSignIn>): boolean {
  const isHis = user.identity?.issuer === note.issuer && user.identity.subject === note.subject;
  return isHis && sealedAt >= user.tokenValidityBegin;
}

function isSame(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
