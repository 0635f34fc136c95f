const daySeconds = 86_400;

/**
 * When a pending renewal is announced again: every so many days, from so many days before the day of the end on. Each
 * interval holds until the next one begins, the last until the end; the first holds from the renewal on where it says
 * no `fromDays`. None at all: never.
 */
export type Cadence = readonly {
  readonly everyDays: number;
  readonly fromDays: number | undefined;
}[];

/**
 * When a pending renewal is announced again, in seconds UTC: the first reminder after `after` and before the end of the
 * old certificate; undefined where there is none. Reminders fall on midnight UTC so many days before the day of the end:
 * users whose certificates end on one day are announced together, and whoever computes a slot computes the same one.
 */
export function nextReminder(
  cadence: Cadence,
  { oldNotAfter, after }: { readonly oldNotAfter: number; readonly after: number },
): number | undefined {
  const lastDay = oldNotAfter - (oldNotAfter % daySeconds);
  const days = mostDays(cadence, (lastDay - after) / daySeconds);
  if (days === undefined) return undefined;
  const slot = lastDay - days * daySeconds;
  return slot < oldNotAfter ? slot : undefined;
}

/** Whether there was a reminder from `since` until `now`, while the old certificate has not ended. */
export function isReminderDue(
  cadence: Cadence,
  {
    oldNotAfter,
    since,
    now,
  }: { readonly oldNotAfter: number; readonly since: number; readonly now: number },
): boolean {
  const slot = nextReminder(cadence, { oldNotAfter, after: since - 1 });
  return slot !== undefined && slot <= now && now < oldNotAfter;
}

/**
 * When a pending renewal is looked at again: every midnight UTC until the old certificate has ended, be there a
 * reminder or none, so that another cadence counts from the next day on.
 */
export function nextLook({
  oldNotAfter,
  now,
}: {
  readonly oldNotAfter: number;
  readonly now: number;
}): number | undefined {
  const midnight = now - (now % daySeconds) + daySeconds;
  return midnight < oldNotAfter ? midnight : undefined;
}

/** The most days before the end, but fewer than `daysLeft`, on which there is a reminder. */
function mostDays(cadence: Cadence, daysLeft: number): number | undefined {
  for (const [index, { everyDays, fromDays }] of cadence.entries()) {
    const next = cadence[index + 1]?.fromDays;
    const days =
      fromDays === undefined
        ? countUp({ everyDays, first: next === undefined ? 0 : next + everyDays, daysLeft })
        : countDown({ everyDays, fromDays, daysLeft });
    if (days !== undefined && days >= 0 && days > (next ?? -1)) return days;
  }
  return undefined;
}

/** The greatest of `first`, `first + everyDays`, ... below `daysLeft`. */
function countUp(of: {
  readonly everyDays: number;
  readonly first: number;
  readonly daysLeft: number;
}): number | undefined {
  const steps = Math.ceil((of.daysLeft - of.first) / of.everyDays) - 1;
  return steps < 0 ? undefined : of.first + steps * of.everyDays;
}

/** The greatest of `fromDays`, `fromDays - everyDays`, ... below `daysLeft`. */
function countDown(of: {
  readonly everyDays: number;
  readonly fromDays: number;
  readonly daysLeft: number;
}): number {
  const steps = Math.max(0, Math.floor((of.fromDays - of.daysLeft) / of.everyDays) + 1);
  return of.fromDays - steps * of.everyDays;
}
