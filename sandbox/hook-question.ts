/** Which step has asked a hook: its key is derived from the step, and so tells it. Pure. */
import { idempotencyKey } from '../canary/identity.ts';
import { slotAt } from '../canary/slot.ts';
import type { Rhythm } from '../canary/slot.ts';

/** A question, as the receiver has seen it. */
export interface HookQuestion {
  /** Epoch milliseconds at which it came. */
  readonly at: number;
  /** The header Idempotency-Key. */
  readonly key: string;
  /** Type and name of the hook in the Canary: `rollout/check`. */
  readonly hook: string;
  readonly phase: string;
  readonly checksum: string;
}

export interface AskingStep {
  readonly run: string;
  readonly slot: number;
}

/** How long the question may have been on its way, in milliseconds: a worker may have been frozen before it asked. */
const longestDelayMs = 90_000;

/**
 * Looks for the slot backwards from the one in which the question came.
 *
 * @param runs ids of the runs that the canary has had
 * @returns undefined when no step of these runs gives this key
 */
export function stepThatAsked(rhythm: Rhythm, runs: readonly string[], question: HookQuestion): AskingStep | undefined {
  const newest = slotAt(rhythm, question.at);
  const hook = `${question.hook}/${question.phase}/${question.checksum}`;
  for (let slot = newest; slot >= newest - longestDelayMs / rhythm.intervalMs; slot -= 1) {
    const run = runs.find((id) => idempotencyKey({ canary: rhythm, run: id, slot, hook }) === question.key);
    if (run !== undefined) return { run, slot };
  }
  return undefined;
}
