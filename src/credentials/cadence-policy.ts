const daySeconds = 86_400;
const monthDays = 30;
/** Weekly in the last month, daily in the last week, the last time on the day of the end. */
const lastMonth = [30, 23, 16, 9, 7, 6, 5, 4, 3, 2, 1, 0];

/**
 * When a pending renewal is announced again, in seconds UTC: the first reminder after `after` and before the end of the
 * old certificate; undefined where there is none. Reminders fall on midnight UTC so many days before the day of the end:
 * users whose certificates end on one day are announced together, and whoever computes a slot computes the same one.
 */
export function nextReminder({
  oldNotAfter,
  after,
}: {
  readonly oldNotAfter: number;
  readonly after: number;
}): number | undefined {
  const lastDay = oldNotAfter - (oldNotAfter % daySeconds);
  const daysLeft = (lastDay - after) / daySeconds;
  const days =
    daysLeft > monthDays
      ? monthDays * (Math.ceil(daysLeft / monthDays) - 1)
      : lastMonth.find((one) => one < daysLeft);
  if (days === undefined) return undefined;
  const slot = lastDay - days * daySeconds;
  return slot < oldNotAfter ? slot : undefined;
}
