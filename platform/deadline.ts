import { onAbort } from './abort.ts';
import type { Clock } from './clock.ts';

/** The bound of `withDeadline` was reached; `ms` is the bound. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
  readonly ms: number;

  constructor(ms: number) {
    super(`not finished within ${ms} ms`);
    this.ms = ms;
  }
}

export interface DeadlineOptions {
  clock: Clock;
  /** Bound in milliseconds. */
  ms: number;
  /** A parent: its abort aborts the work too, with the parent's reason. */
  signal?: AbortSignal | undefined;
}

/**
 * Runs `work` with a signal that aborts after `ms` (reason: DeadlineError) or with the parent. Rejects at that moment even
 * when `work` ignores the signal.
 */
export async function withDeadline<T>(options: DeadlineOptions, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { clock, ms, signal: parent } = options;
  parent?.throwIfAborted();
  const controller = new AbortController();
  const release = onAbort(parent, (reason) => controller.abort(reason));
  const cancel = clock.after(ms, () => controller.abort(new DeadlineError(ms)));
  try {
    return await Promise.race([work(controller.signal), rejectionOf(controller.signal)]);
  } finally {
    cancel();
    release();
  }
}

/** A promise that only ever rejects: with the signal's reason when it aborts. */
function rejectionOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    onAbort(signal, reject);
  });
}
