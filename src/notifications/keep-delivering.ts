import type { Clock, Log } from '../edges.js';
import { makeOnceAMinute } from '../once-a-minute.js';
import type { DeliverDue, Ending } from './deliver-announcements.js';

/** The outbox, looked at again and again. */
export interface KeptDeliveries {
  /** Looks now, and ends when nothing more is due. */
  deliver(): Promise<void>;
  /** Begins nothing more; lets go of what is under way after `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

const lookEveryMs = 5_000;

/** Each channel by itself, so that a slow mail server holds no webhook up. */
export function keepDelivering(edges: {
  readonly channels: readonly DeliverDue[];
  readonly clock: Clock;
  readonly log: Log;
}): KeptDeliveries {
  const noMore = new AbortController();
  const letGo = new AbortController();
  const ending = { noMore: noMore.signal, letGo: letGo.signal };
  const lanes = edges.channels.map((deliverDue) => openLane(deliverDue, ending));
  const isNews = makeOnceAMinute(edges.clock);
  const logFault = (err: unknown): void => {
    if (isNews('')) edges.log.error({ err }, 'the outbox could not be worked off');
  };
  const timer = setInterval(() => {
    for (const lane of lanes) lane.lookIfIdle().catch(logFault);
  }, lookEveryMs);
  timer.unref();
  return {
    deliver: async () => {
      await Promise.all(lanes.map((lane) => lane.lookAgain()));
    },
    stop: async (graceMs) => {
      clearInterval(timer);
      noMore.abort();
      const patience = setTimeout(() => letGo.abort(), graceMs);
      await Promise.all(lanes.map((lane) => lane.idle()));
      clearTimeout(patience);
    },
  };
}

/** One look at a time. */
function openLane(deliverDue: DeliverDue, ending: Ending) {
  let underWay: Promise<void> | undefined;
  const look = (): Promise<void> => {
    underWay ??= deliverDue(ending).finally(() => (underWay = undefined));
    return underWay;
  };
  const idle = async (): Promise<void> => {
    await underWay?.catch(() => undefined);
  };
  return {
    idle,
    lookIfIdle: look,
    lookAgain: async () => {
      await idle();
      await look();
    },
  };
}
