/** What every adapter of the worker is handed: the step it works for, and how it says what went wrong. */
import type { Canary } from '../canary/canary.ts';
import type { FailureReason } from '../canary/action.ts';
import type { SeenLog } from './reads/seen-versions.ts';

/** One step of one canary. Adapters may remember what they read in it, never beyond it. */
export interface StepContext {
  /** As read at the start of the step. */
  readonly canary: Canary;
  /** Epoch milliseconds at which the step began. */
  readonly now: number;
  /** Epoch milliseconds at which the step runs out of time and is aborted. */
  readonly endsAt: number;
  /** Aborted when the step lost its lease or its job, ran out of time, or the process shuts down. */
  readonly signal: AbortSignal;
  /** How far this step and those before it have seen the cluster; without it any cached answer will do. */
  readonly seen?: SeenLog;
  /**
   * Refuses when the step may no longer write: the signal is aborted or the lease is gone.
   * Every adapter awaits it right before a write to a workload, a Service or a route.
   *
   * @throws AdapterError with reason `conflict`
   */
  readonly fence: () => Promise<void>;
}

/** Thrown by adapters; `perform.ts` turns it into a Failure for the rules. */
export class AdapterError extends Error {
  readonly reason: FailureReason;

  constructor(reason: FailureReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AdapterError';
    this.reason = reason;
  }
}
