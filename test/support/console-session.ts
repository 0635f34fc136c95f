import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import { readConfig } from '../../src/config.js';
import { makeStores } from '../../src/gateway/stores.js';
import { makeCompare } from '../../src/people/passwords.js';
import { makeSessionStore } from '../../src/people/session-store.js';
import { makeSessions } from '../../src/people/sessions.js';
import { makeSignInAttempts } from '../../src/people/sign-in-attempts.js';
import { makeSignIn } from '../../src/people/sign-in.js';
import type { TestGateway } from './gateway.js';

const random = (length: number): Uint8Array => randomBytes(length);
const compareInFull = makeCompare(random);

/**
 * The value of a session's cookie, by the sign-in that the form leads to. A password that was drawn is compared at
 * the cost at which it is stored: the form takes a good part of a second of the processor.
 */
export async function openSession(
  gateway: TestGateway,
  { email, password }: { readonly email: string; readonly password: string },
): Promise<string> {
  const { database, clock, settings } = gateway;
  const { users, signInAddresses, transaction, recordEvent } = makeStores(database, clock.now);
  const sessions = makeSessions({
    store: makeSessionStore(database.db),
    limits: readConfig(settings).sessions,
    transaction,
    recordEvent,
    random,
    clock: clock.now,
  });
  const signIn = makeSignIn({
    users,
    addresses: signInAddresses,
    attempts: makeSignInAttempts(clock.now),
    compare: async (given, stored) =>
      isDrawn(given, stored)
        ? { isRight: true, renewed: undefined }
        : await compareInFull(given, stored),
    transaction,
    recordEvent,
    clock: clock.now,
    grant: sessions.grant,
  });
  return (await signIn({ email, password, address: '127.0.0.1', requestId: 'test' })).created;
}

/** Whether it is the password of a hash at the low cost. */
function isDrawn(password: string, stored: string | null): boolean {
  const [, salt = '', hash = ''] = /^\$scrypt\$ln=10,r=8,p=1\$(.+)\$(.+)$/.exec(stored ?? '') ?? [];
  if (hash === '') return false;
  const kept = Buffer.from(hash, 'base64url');
  const own = scryptSync(password, Buffer.from(salt, 'base64url'), kept.length, { N: 1024, r: 8 });
  return timingSafeEqual(own, kept);
}
