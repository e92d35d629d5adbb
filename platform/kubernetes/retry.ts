import type { Random } from '../clock.ts';
import type { KubernetesError } from './error.ts';
import { isUnsent } from './failure.ts';

export interface RetryState {
  /** Attempts made so far, at least 1. */
  attempts: number;
  random: Random;
  /** Time left for the whole call, ms. */
  remainingMs: number;
  /** May the request be sent again although the first one perhaps arrived? */
  repeatable: boolean;
}

const attemptLimit = 5;
const firstPauseMs = 100;
const longestPauseMs = 2_000;
/** Spread over what the server asked for, so that a crowd told the same time does not come back together. */
const retryAfterSpread = 0.2;

/** How long to wait before the next attempt, in ms; undefined: the failure is final. */
export function pauseBeforeRetry(failure: KubernetesError, state: RetryState): number | undefined {
  if (state.attempts >= attemptLimit || !isRetriable(failure, state.repeatable)) return undefined;
  const pauseMs = pauseAfter(failure, state);
  return pauseMs < state.remainingMs ? pauseMs : undefined;
}

/**
 * 429 means not carried out. 503 with a Retry-After says the same in so many words; without one it may come from a proxy that
 * lost the answer, as may a broken connection.
 */
function isRetriable(failure: KubernetesError, repeatable: boolean): boolean {
  if (failure.kind === 'throttled') return true;
  if (failure.status === 503) return repeatable || failure.retryAfterMs !== undefined;
  if (failure.kind !== 'unavailable' || failure.status !== undefined) return false;
  return repeatable || isUnsent(failure);
}

function pauseAfter({ retryAfterMs }: KubernetesError, { attempts, random }: RetryState): number {
  const ceilingMs = Math.min(firstPauseMs * 2 ** (attempts - 1), longestPauseMs);
  const backoffMs = ceilingMs * (0.5 + random() * 0.5);
  // A server that asks for no pause at all, or names a moment that has passed, is not sent all attempts at once.
  return Math.max((retryAfterMs ?? 0) * (1 + random() * retryAfterSpread), backoffMs);
}
