import type { Clock } from '../platform/clock.ts';
import { withDeadline } from '../platform/deadline.ts';

/** Redis did not answer, so what it knows is unknown: neither an approval nor a refusal. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
}

/** Runs one call to Redis. Throws StoreUnavailableError, which says what was tried, when it fails or takes too long. */
export type StoreCall = <T>(what: string, call: () => Promise<T>) => Promise<T>;

/** @param timeoutMs a call that has no answer by then has failed: a frozen Redis must not hold up a webhook */
export function createStoreCall(clock: Clock, timeoutMs: number): StoreCall {
  return async (what, call) => {
    try {
      return await withDeadline({ clock, ms: timeoutMs }, call);
    } catch (error) {
      throw new StoreUnavailableError(`${what}: the store cannot be reached, try again`, { cause: error });
    }
  };
}
