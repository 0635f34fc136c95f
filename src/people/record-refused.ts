import type { Clock } from '../edges.js';
import { makeOnceAMinute } from '../once-a-minute.js';
import type { RecordPeopleEvent } from './people-event.js';
import type { User } from './user-store.js';

/** A sign-in that did not happen. */
export interface RefusedSignIn {
  readonly level?: 'info' | 'warning';
  readonly reason: string;
  /** Of another way than the password. */
  readonly by?: 'openid';
  readonly user: User | undefined;
  readonly address: string;
  readonly requestId: string;
}

export type RecordRefusedSignIn = (refused: RefusedSignIn) => Promise<void>;

/**
 * One event for each user, address, reason and minute. An address without user is left out of it: people type their
 * password into the wrong field.
 */
export function makeRecordRefusedSignIn(edges: {
  readonly recordEvent: RecordPeopleEvent;
  readonly clock: Clock;
}): RecordRefusedSignIn {
  const isFirst = makeOnceAMinute(edges.clock);
  return async ({ level = 'info', reason, by, user, address, requestId }) => {
    if (!isFirst(`${address} ${reason} ${user?.id ?? ''}`)) return;
    await edges.recordEvent({
      level,
      action: 'user.sign-in-refused',
      actor: `address:${address}`,
      holder: user?.email,
      requestId,
      detail: { reason, ...(by === undefined ? {} : { by }) },
    });
  };
}
