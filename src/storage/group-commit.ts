import { setTimeout } from 'node:timers/promises';
import type { Transaction } from 'kysely';
import type { Database } from './database.js';
import { isLockedOut, isTransient, isUnavailable } from './database-errors.js';
import type { Schema } from './schema.js';

/** Writes many small things durably at the price of a few commits. */
export interface GroupCommit<Item, Result> {
  /** Answers after the commit that holds the item; throws the error of this item alone. */
  submit(item: Item): Promise<Result>;
}

interface GroupCommitInput<Item, Result> {
  readonly database: Pick<Database, 'transaction'>;
  /** Queries on `trx` only. Runs again when its transaction was rolled back, so it keeps no state of its own. */
  readonly write: (trx: Transaction<Schema>, item: Item) => Promise<Result>;
  /** The row that the item locks: in this order two replicas do not wait for each other in a circle. */
  readonly orderBy: (item: Item) => string;
  readonly maxBatch?: number;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly order: string;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

const retries = { attempts: 5, firstPauseMs: 5 };

/** Items of one turn of the event loop share a transaction; while it commits, the next ones gather. */
export function makeGroupCommit<Item, Result>(
  input: GroupCommitInput<Item, Result>,
): GroupCommit<Item, Result> {
  const { orderBy, maxBatch = 64 } = input;
  const waiting: Waiting<Item, Result>[] = [];
  let isScheduled = false;

  function schedule(): void {
    if (isScheduled || waiting.length === 0) return;
    isScheduled = true;
    setImmediate(() => void flush());
  }

  async function flush(): Promise<void> {
    const batch = waiting.splice(0, maxBatch).sort(inOrder);
    if (batch.length === 1) await commitEachAlone(input, batch);
    else await commitTogether(input, batch);
    isScheduled = false;
    schedule();
  }

  return {
    submit: (item) =>
      new Promise((resolve, reject) => {
        waiting.push({ item, order: orderBy(item), resolve, reject });
        schedule();
      }),
  };
}

async function commitTogether<Item, Result>(
  input: GroupCommitInput<Item, Result>,
  batch: readonly Waiting<Item, Result>[],
): Promise<void> {
  const progress = { isWritten: false };
  try {
    const answers = await input.database.transaction(async (trx) => {
      const answered: (() => void)[] = [];
      for (const { item, resolve } of batch) {
        const result = await input.write(trx, item);
        answered.push(() => {
          resolve(result);
        });
      }
      progress.isWritten = true;
      return answered;
    });
    for (const answer of answers) answer();
  } catch (error) {
    // Lost during the commit: it may be on record, and writing it again could record it twice.
    if ((progress.isWritten && isUnavailable(error)) || isLockedOut(error))
      for (const { reject } of batch) reject(error);
    else await commitEachAlone(input, batch);
  }
}

async function commitEachAlone<Item, Result>(
  input: GroupCommitInput<Item, Result>,
  batch: readonly Waiting<Item, Result>[],
): Promise<void> {
  let away: { readonly error: unknown } | undefined;
  for (const { item, resolve, reject } of batch) {
    if (away !== undefined) {
      // Nobody waits through a time-out of his own once the database is known to be away.
      reject(away.error);
      continue;
    }
    try {
      resolve(await commitAlone(input, item));
    } catch (error) {
      reject(error);
      if (isUnavailable(error) || isLockedOut(error)) away = { error };
    }
  }
}

async function commitAlone<Item, Result>(
  input: GroupCommitInput<Item, Result>,
  item: Item,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await input.database.transaction((trx) => input.write(trx, item));
    } catch (error) {
      // Whoever was locked out has waited already.
      if (attempt === retries.attempts || !isTransient(error) || isLockedOut(error)) throw error;
    }
    await setTimeout(retries.firstPauseMs * 2 ** (attempt - 1));
  }
}

function inOrder(a: { readonly order: string }, b: { readonly order: string }): number {
  if (a.order === b.order) return 0;
  return a.order < b.order ? -1 : 1;
}
