import { setTimeout as pause } from 'node:timers/promises';

/** What to wait for, and how long at most. */
export interface Wait<T> {
  /** Named in the error, e.g. `kube-apiserver on port 41233`. */
  readonly what: string;
  /** Seconds until it counts as failed. */
  readonly seconds: number;
  /** Milliseconds between two looks; 50 unless told. */
  readonly every?: number;
  /** Answers `undefined` while it has not happened; a thrown error ends the waiting at once. */
  readonly look: () => Promise<T | undefined> | T | undefined;
  /** Called when time is up, for a last word on why (e.g. the end of a log). */
  readonly explain?: () => Promise<string> | string;
}

/** Milliseconds on a clock that never jumps, for measuring how long something took. */
export const monotonic = (): number => performance.now();

/**
 * Looks again and again until `look` answers.
 * @throws Error naming what was waited for, once `seconds` have passed.
 */
export async function waitFor<T>(wait: Wait<T>): Promise<T> {
  const end = monotonic() + wait.seconds * 1000;
  for (;;) {
    const seen = await wait.look();
    if (seen !== undefined) return seen;
    if (monotonic() > end) break;
    await pause(wait.every ?? 50);
  }
  const why = wait.explain === undefined ? '' : `\n${await wait.explain()}`;
  throw new Error(`${wait.what}: not there after ${wait.seconds} s${why}`);
}

/** Calls `act` every `milliseconds` until the returned function is called. Does not keep the process alive. */
export function repeatedly(milliseconds: number, act: () => void): () => void {
  const timer = setInterval(act, milliseconds);
  timer.unref();
  return () => clearInterval(timer);
}
