/** Mutual exclusion in order of arrival. */
export interface FairLock {
  acquire(): Promise<void>;
  /** Hands the lock to whoever has waited longest. */
  release(): void;
}

/** A lock that nobody holds yet. */
export function makeFairLock(): FairLock {
  const waiting: (() => void)[] = [];
  let isHeld = false;
  return {
    acquire() {
      if (isHeld) return new Promise((resolve) => waiting.push(resolve));
      isHeld = true;
      return Promise.resolve();
    },
    release() {
      const next = waiting.shift();
      if (next === undefined) isHeld = false;
      else next();
    },
  };
}
