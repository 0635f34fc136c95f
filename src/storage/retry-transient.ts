import { isTransient } from './database-errors.js';

const attempts = 5;

/**
 * Does a transaction again that lost against another one. Replicas lock the same rows, each in its own order: of two
 * in a circle one has to give way.
 */
export async function retryTransient<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === attempts || !isTransient(error)) throw error;
    }
  }
}
