import type { RequestHandler } from 'express';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { Failure } from '../failure.js';
import { addressOf } from './request-context.js';

/** Counts one use by `key`; throws the Failure `rate-limited` with the seconds to wait when there were too many. */
export type CountUse = (key: string) => Promise<void>;

/** At most `perMinute` uses a minute for each key, all of which may come at once. */
export function makeRateLimit(perMinute: number): CountUse {
  const limiter = new RateLimiterMemory({ points: perMinute, duration: 60 });
  return async (key) => {
    try {
      await limiter.consume(key);
    } catch (rejection) {
      if (!(rejection instanceof RateLimiterRes)) throw rejection;
      const retryAfterSeconds = Math.max(1, Math.ceil(rejection.msBeforeNext / 1000));
      throw new Failure(
        'rate-limited',
        `Too many requests: try again in ${String(retryAfterSeconds)} seconds.`,
        {
          retryAfterSeconds,
        },
      );
    }
  };
}

/** Limits by the address of the other end, for routes that know no better identity. */
export function limitByAddress(countUse: CountUse): RequestHandler {
  return async (request, _response, next) => {
    await countUse(addressOf(request));
    next();
  };
}
