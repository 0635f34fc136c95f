import type { z } from 'zod';
import type { Clock } from '../../edges.js';
import type { Sealing } from '../../storage/sealing.js';

/** A note that a browser carries for the gateway: it can neither read it nor make one. */
export interface SealedNotes<Note> {
  seal(note: Note): string;
  /** undefined for one that is over, was changed, or was made for something else. */
  open(sealed: string): OpenedNote<Note> | undefined;
}

/** Times in seconds UTC. */
export interface OpenedNote<Note> {
  readonly note: Note;
  readonly sealedAt: number;
  readonly expiresAt: number;
}

/** Notes of one purpose, good for `ttlSeconds` on every gateway that has the master key. */
export function makeSealedNotes<Note>(edges: {
  readonly sealing: Sealing;
  readonly clock: Clock;
  readonly purpose: string;
  readonly shape: z.ZodType<Note>;
  readonly ttlSeconds: number;
}): SealedNotes<Note> {
  const { sealing, clock, shape, ttlSeconds } = edges;
  const place = { table: '', row: '', purpose: edges.purpose };
  return {
    seal: (note) => sealing.seal(Buffer.from(JSON.stringify([clock(), note])), place),
    open: (sealed) => {
      const plain = unseal(sealing, sealed, place);
      if (plain === undefined) return undefined;
      const [sealedAt, note] = JSON.parse(plain) as [number, unknown];
      const expiresAt = sealedAt + ttlSeconds;
      return clock() <= expiresAt ? { note: shape.parse(note), sealedAt, expiresAt } : undefined;
    },
  };
}

function unseal(
  sealing: Sealing,
  sealed: string,
  place: Parameters<Sealing['unseal']>[1],
): string | undefined {
  try {
    return Buffer.from(sealing.unseal(sealed, place)).toString();
  } catch {
    // Whatever is wrong with it, it is no note of ours.
    return undefined;
  }
}
