import { setImmediate } from 'node:timers/promises';
import type { Authority } from '../authority/authority.js';
import type { Clock, Log } from '../edges.js';
import { Failure } from '../failure.js';
import { makeOnceAMinute } from '../once-a-minute.js';
import { isUnavailable } from '../storage/database-errors.js';
import type { DuePage, DueUser, DueUserPlace, DueUserStore } from './due-user-store.js';
import { isDue, isGain } from './renewal-policy.js';
import { effectiveRenewalSettings } from './renewal-settings.js';
import type { EffectiveRenewalSettings } from './renewal-settings.js';
import type { RenewServiceUser } from './renew-service-user.js';

/** What one pass did. */
export interface RenewalPass {
  readonly renewed: number;
  /** Users to whom their project's authority, which ends too soon, has no more time to give. */
  readonly waiting: number;
  readonly failed: number;
  /** False where it was broken off. */
  readonly isComplete: boolean;
}

/** Renews every service user that is due; `mayGoOn` is asked before each one. */
export type RenewDueUsers = (mayGoOn: () => Promise<boolean>) => Promise<RenewalPass>;

interface Edges {
  readonly store: DueUserStore;
  readonly renew: RenewServiceUser;
  readonly activeAuthority: (project: string) => Promise<Authority>;
  /** The gateway's settings. */
  readonly defaults: EffectiveRenewalSettings;
  /** How many users are renewed at a time. */
  readonly concurrency: number;
  readonly clock: Clock;
  readonly log: Log;
}

type Outcome = 'renewed' | 'waiting' | 'failed' | 'untouched';

const usersOnAPage = 64;

/**
 * The periodic renewal: reads the users that are due page by page and renews a few of them at a time, so that ten
 * thousand take time and no memory. A user that has changed since it was read is passed over; one that cannot be renewed
 * keeps nobody else waiting. Throws where the database is away.
 */
export function makeRenewDueUsers(edges: Edges): RenewDueUsers {
  const { store, defaults, concurrency, clock } = edges;
  const renewOne = makeRenewOne(edges);
  return async (mayGoOn) => {
    const counts = { renewed: 0, waiting: 0, failed: 0, untouched: 0 };
    const progress = { isComplete: true };
    const take = async (due: DueUser): Promise<void> => {
      progress.isComplete &&= await mayGoOn();
      if (progress.isComplete) counts[await renewOne(due)] += 1;
    };
    const breakOff = () => (progress.isComplete = false);
    // Those whose certificates end soon come first: who was asked for may have years.
    for (const find of [store.findDue, store.findAsked]) {
      for await (const page of pagesOf(find, { defaults, clock })) {
        await eachOf(page, { concurrency, take, breakOff });
        if (!progress.isComplete) return { ...counts, ...progress };
      }
    }
    return { ...counts, ...progress };
  };
}

async function* pagesOf(
  find: (page: DuePage) => Promise<DueUser[]>,
  { defaults, clock }: Pick<Edges, 'defaults' | 'clock'>,
): AsyncGenerator<readonly DueUser[]> {
  let after: DueUserPlace | undefined;
  for (;;) {
    const page = await find({ now: clock(), defaults, after, limit: usersOnAPage });
    const last = page.at(-1)?.user;
    if (!last) return;
    yield page;
    after = { notAfter: last.pair.notAfter, id: last.id };
    // SQLite answers without a turn of the event loop: requests get theirs between the pages.
    await setImmediate();
  }
}

function makeRenewOne(edges: Edges): (due: DueUser) => Promise<Outcome> {
  const isNews = makeOnceAMinute(edges.clock);
  return async (due) => {
    try {
      return await renewIfDue(edges, due);
    } catch (err) {
      if (isUnavailable(err)) throw err;
      if (err instanceof Failure && changed.has(err.kind)) return 'untouched';
      if (err instanceof Failure && err.kind === 'authority-ending') return 'waiting';
      const { project, service, username } = due.user;
      if (isNews(project))
        edges.log.error({ err, project, service, username }, 'a service user was not renewed');
      return 'failed';
    }
  };
}

/** Deleted, reset, revoked, or its service switched off, since it was read. */
const changed: ReadonlySet<string> = new Set(['state-conflict', 'certificate-revoked']);

async function renewIfDue(
  { store, renew, activeAuthority, defaults, clock }: Edges,
  { user, service, project }: DueUser,
): Promise<Outcome> {
  const settings = effectiveRenewalSettings(service, project, defaults);
  const isAsked = user.renewalAskedAt !== null;
  const known = { now: clock(), notAfter: user.pair.notAfter, service, settings, isAsked };
  if (!isDue(known)) return 'untouched';
  const { issuer } = await activeAuthority(user.project);
  if (!isAsked && !isGain(known, issuer.certificate.notAfter)) return 'waiting';
  await renew({
    user,
    validitySeconds: settings.validitySeconds,
    actor: 'gateway',
    isAsked,
    isStillDue: (trx) => store.isStillDue(user, trx),
  });
  return 'renewed';
}

/** Takes all of a page, a few at a time. What is under way when one fails is finished, nothing more is begun. */
async function eachOf(
  page: readonly DueUser[],
  work: {
    readonly concurrency: number;
    readonly take: (due: DueUser) => Promise<void>;
    readonly breakOff: () => void;
  },
): Promise<void> {
  const rest = page.values();
  const takeSome = async (): Promise<void> => {
    try {
      for (const due of rest) await work.take(due);
    } catch (error) {
      work.breakOff();
      throw error;
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: work.concurrency }, takeSome));
  for (const end of ended) if (end.status === 'rejected') throw end.reason;
}
