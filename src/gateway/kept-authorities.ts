import type { AuthoritySet, KnownAuthority } from '../authority/authority-set.js';
import type { Log } from '../edges.js';

/** The authorities, looked at again and again: a roll-over happens on the record, for every gateway at once. */
export interface KeptAuthorities {
  /** Looks now: takes the steps whose date has come, and follows what was changed. */
  look(): Promise<void>;
  stop(): Promise<void>;
}

const lookEveryMs = 1_000;

/** Looks at the record every second; `follow` is called when an authority has another state. */
export function keepAuthorities(edges: {
  readonly authorities: AuthoritySet;
  readonly takeDueSteps: (authorities: readonly KnownAuthority[]) => Promise<void>;
  readonly follow: () => Promise<void>;
  readonly log: Log;
}): KeptAuthorities {
  const { authorities, takeDueSteps, follow, log } = edges;
  let underWay: Promise<void> | undefined;

  async function lookOnce(): Promise<void> {
    const wasChanged = await authorities.refresh();
    await takeDueSteps(authorities.list());
    if ((await authorities.refresh()) || wasChanged) await follow();
  }

  const timer = setInterval(() => {
    underWay ??= lookOnce()
      .catch((err: unknown) => {
        log.error({ err }, 'the authorities on record could not be looked at');
      })
      .finally(() => {
        underWay = undefined;
      });
  }, lookEveryMs);
  timer.unref();
  return {
    look: async () => {
      await underWay;
      await lookOnce();
    },
    stop: async () => {
      clearInterval(timer);
      await underWay;
    },
  };
}
