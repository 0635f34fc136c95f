import type { Clock, Log } from '../edges.js';
import { makeOnceAMinute } from '../once-a-minute.js';
import type { Authority } from './authority.js';
import type { CurrentRevocationList } from './current-revocation-list.js';
import { nextStep } from './revocation-list-policy.js';
import type { RevocationListStore } from './revocation-list-store.js';

/** Makes new lists before anybody asks for them. */
export interface RevocationListKeeper {
  /** Lets a list that is under way be finished. */
  stop(): Promise<void>;
}

const lookEveryMs = 500;

/** How long a replica is left alone with a list that it has begun, and the database after a fault. */
const patienceSeconds = 10;

/**
 * Looks at a few numbers twice a second and has a list made when one is due, so that the first to fetch it after a mass
 * revocation does not wait, and no list ends because nobody asked. Of several replicas one builds, and the others take
 * over what it signed.
 */
export function keepRevocationLists(edges: {
  readonly listAuthorities: () => readonly Authority[];
  readonly store: RevocationListStore;
  readonly currentRevocationList: CurrentRevocationList;
  readonly clock: Clock;
  readonly log: Log;
}): RevocationListKeeper {
  const { store, currentRevocationList, clock, log } = edges;
  const isNews = makeOnceAMinute(clock);
  let looking: Promise<void> | undefined;
  let pausedUntil = 0;

  async function lookAt(authority: Authority): Promise<void> {
    const progress = await store.find(authority.id);
    const now = clock();
    const step = nextStep(progress, now);
    if (step.do === 'begin') {
      if (!(await store.begin(authority.id, { seen: step.seen, now }))) return;
    } else if (step.do === 'build' && progress && now < progress.begunAt + patienceSeconds) return;
    await currentRevocationList(authority);
  }

  async function look(): Promise<void> {
    if (clock() < pausedUntil) return;
    for (const authority of edges.listAuthorities()) {
      try {
        await lookAt(authority);
      } catch (err) {
        // Requests need the database more, if it is that.
        pausedUntil = clock() + patienceSeconds;
        if (!isNews(authority.id)) continue;
        log.error({ err, authority: authority.id }, 'the revocation list could not be made anew');
      }
    }
  }

  const begin = (): void => {
    looking ??= look().finally(() => (looking = undefined));
  };
  begin();
  const timer = setInterval(begin, lookEveryMs);
  timer.unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await looking;
    },
  };
}
