import { onAbort } from './abort.ts';

/**
 * The only door to time: nothing else in the project touches `Date` or timers, so every wait can be played by a fake clock.
 * All times are epoch milliseconds, all durations milliseconds.
 */

/** Stops a timer. Safe to call twice and after the timer has fired. */
export type Cancel = () => void;

export interface Clock {
  /** Epoch milliseconds. May step back when the machine's time is corrected. */
  now(): number;
  /** Resolves after `ms`. Rejects with `signal.reason` as soon as `signal` is aborted, and leaves no timer behind. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `fn` once after `ms`. The timer keeps the process alive. `fn` must not throw. */
  after(ms: number, fn: () => void): Cancel;
  /** Calls `fn` every `ms`, first after `ms`. The timer does not keep the process alive. `fn` must not throw. */
  every(ms: number, fn: () => void): Cancel;
}

/** A number in [0, 1). `Math.random` in the mains, a seeded sequence in tests. */
export type Random = () => number;

/** The machine's. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => sleepWith(systemClock, ms, signal),
  after: (ms, fn) => {
    const timer = setTimeout(fn, ms);
    return () => clearTimeout(timer);
  },
  every: (ms, fn) => {
    const timer = setInterval(fn, ms);
    timer.unref();
    return () => clearInterval(timer);
  },
};

/** A sleep made from a clock's `after`; what `Clock.sleep` does in every clock. */
export function sleepWith(clock: Pick<Clock, 'after'>, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const cancel = clock.after(ms, () => {
      release();
      resolve();
    });
    const release = onAbort(signal, (reason) => {
      cancel();
      reject(reason);
    });
  });
}

/** RFC 3339 with milliseconds in UTC, as `2026-01-02T03:04:05.678Z`. */
export const formatInstant = (epochMs: number): string => new Date(epochMs).toISOString();

/** Epoch milliseconds of an RFC 3339 text, or undefined when it is none. */
export function parseInstant(text: string): number | undefined {
  const epochMs = Date.parse(text);
  return Number.isNaN(epochMs) ? undefined : epochMs;
}
