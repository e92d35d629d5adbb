/** Steps for tests of adapters. */
import type { Canary } from '../../canary/canary.ts';
import type { StepContext } from '../../worker/context.ts';

export interface StepOptions {
  readonly now?: number;
  readonly endsAt?: number;
  readonly signal?: AbortSignal;
  readonly fence?: () => Promise<void>;
}

/** A step of this Canary that may write; each call is a step of its own. */
export const aStep = (canary: Canary, options: StepOptions = {}): StepContext => ({
  canary,
  now: options.now ?? Date.UTC(2026, 0, 2),
  endsAt: options.endsAt ?? Infinity,
  signal: options.signal ?? new AbortController().signal,
  fence: options.fence ?? (async () => {}),
});
