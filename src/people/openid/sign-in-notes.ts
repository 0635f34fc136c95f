import { z } from 'zod';
import type { Clock } from '../../edges.js';
import type { Sealing } from '../../storage/sealing.js';
import { makeSealedNotes } from './sealed-notes.js';
import type { SealedNotes } from './sealed-notes.js';

const begun = z.object({ state: z.string(), nonce: z.string(), verifier: z.string() });

const finished = z.object({
  id: z.string(),
  userId: z.string(),
  issuer: z.string(),
  subject: z.string(),
  browserSha256: z.string(),
});

/** A sign-in that went off to the provider: what ties its answer to it. */
export type BegunSignIn = z.output<typeof begun>;

/** A sign-in that came back, for the browser that holds the secret with this hash. */
export type FinishedSignIn = z.output<typeof finished>;

/** What browsers carry for the gateway, seconds each is good. */
export interface SignInNotes {
  readonly begun: SealedNotes<BegunSignIn>;
  readonly begunSeconds: number;
  readonly finished: SealedNotes<FinishedSignIn>;
  readonly finishedSeconds: number;
}

const begunSeconds = 600;
const finishedSeconds = 300;

/** Ten minutes to sign in at the provider, five to look at the page that says who did. */
export function makeSignInNotes(edges: {
  readonly sealing: Sealing;
  readonly clock: Clock;
}): SignInNotes {
  const begunNote = { purpose: 'openid-begun', shape: begun, ttlSeconds: begunSeconds };
  const finishedNote = {
    purpose: 'openid-finished',
    shape: finished,
    ttlSeconds: finishedSeconds,
  };
  return {
    begun: makeSealedNotes({ ...edges, ...begunNote }),
    begunSeconds,
    finished: makeSealedNotes({ ...edges, ...finishedNote }),
    finishedSeconds,
  };
}
