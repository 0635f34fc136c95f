import type { AuthoritySet, KnownAuthority } from '../authority/authority-set.js';
import type { Log } from '../edges.js';

/** The authorities, looked at again and again: a roll-over happens on the record, for every gateway at once. */
export interface KeptAuthorities {
  /** Looks now: takes the steps whose date has come, and follows what was changed. */
  look(): Promise<void>;
  stop(): Promise<void>;
}

const lookEveryMs = 1_000;

/** Looks at the record every second; `follow` is called when anything has changed, until it has succeeded. */
export function keepAuthorities(edges: {
  readonly authorities: AuthoritySet;
  readonly takeDueSteps: (authorities: readonly KnownAuthority[]) => Promise<void>;
  readonly follow: () => Promise<void>;
  readonly log: Log;
}): KeptAuthorities {
  const { authorities, takeDueSteps, follow, log } = edges;
  let underWay: Promise<void> | undefined;
  let followed = authorities.list();

  async function lookOnce(): Promise<void> {
    await authorities.refresh();
    await takeDueSteps(authorities.list());
    await authorities.refresh();
    // A request may have read the record before: what counts is what was followed, not who saw it first.
    const list = authorities.list();
    if (list === followed) return;
    await follow();
    followed = list;
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
