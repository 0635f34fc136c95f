import { hash } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Schema } from '../../storage/schema.js';
import type { InTransaction } from '../record-change.js';
import { isSameSecret } from '../same-secret.js';
import type { User, UserStore } from '../user-store.js';
import type { OpenedNote } from './sealed-notes.js';
import type { FinishedSignIn, SignInNotes } from './sign-in-notes.js';
import { staleSignIn, usedSignIn } from './stale-sign-in.js';
import type { UseOnce } from './used-store.js';

/** What the page after a sign-in sends back, and the secret of the browser that it was shown to. */
export interface RedeemCommand {
  readonly code: string;
  readonly browserSecret: string;
  readonly address: string;
  readonly userAgent: string | undefined;
  readonly requestId: string;
}

/** The user, and what the sign-in was exchanged for. Throws the Failure `sign-in-stale`. */
export type RedeemSignIn<Granted> = (
  command: RedeemCommand,
) => Promise<{ readonly user: User; readonly granted: Granted }>;

/** Makes what a finished sign-in is exchanged for, with its audit event. */
export type GrantOnce<Granted> = (
  user: User,
  command: RedeemCommand,
  trx: Kysely<Schema>,
) => Promise<Granted>;

/** A finished sign-in -> what `grant` gives, once, and only while the user is still the one who signed in. */
export function makeRedeemSignIn<Granted>(edges: {
  readonly notes: Pick<SignInNotes, 'finished'>;
  readonly useOnce: UseOnce;
  readonly users: Pick<UserStore, 'lockActive'>;
  readonly transaction: InTransaction;
  readonly grant: GrantOnce<Granted>;
}): RedeemSignIn<Granted> {
  const { notes, useOnce, users, transaction, grant } = edges;
  return async (command) => {
    const opened = notes.finished.open(command.code);
    if (!opened || !isSameSecret(hashOfSecret(command.browserSecret), opened.note.browserSha256))
      throw staleSignIn();
    const { note, expiresAt } = opened;
    return transaction(async (trx) => {
      if (!(await useOnce({ secret: note.id, expiresAt }, trx))) throw usedSignIn();
      const user = await users.lockActive(note.userId, trx);
      if (!user || !isStillGood(user, opened)) throw staleSignIn();
      return { user, granted: await grant(user, command, trx) };
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
