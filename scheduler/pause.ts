/** What a scheduler that stays does between two ticks: it looks whether Redis still has what the last one added. */
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/observability/logger.ts';
import type { TickMark } from '../queue/tick-mark.ts';

export interface PauseOptions {
  /** Gone with everything else when Redis is emptied. */
  readonly mark: Pick<TickMark, 'read'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Resolves after `ms`, or early when a tick is wanted. Rejects when the signal is aborted. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

/** One read a second: an emptied Redis has its jobs back that soon, however long the ticks are apart. */
const lookEveryMs = 1_000;

/**
 * Ends early when the mark of the last tick goes away meanwhile. Without a mark at its beginning (the tick failed, or Redis
 * is away) it just waits: that is no news.
 */
export function createPause({ mark, clock, log }: PauseOptions): Pause {
  const isMarked = (): Promise<boolean | undefined> =>
    mark.read().then(
      (at) => at !== undefined,
      () => undefined,
    );
  return async (ms, signal) => {
    const until = clock.now() + ms;
    let mostMs = ms;
    // What was slept counts whatever the clock says: it may be put back meanwhile.
    const left = (): number => Math.min(mostMs, Math.max(0, until - clock.now()));
    if ((await isMarked()) !== true) return clock.sleep(left(), signal);
    do {
      const napMs = Math.min(lookEveryMs, left());
      await clock.sleep(napMs, signal);
      mostMs -= napMs;
      if (left() > 0 && (await isMarked()) === false) {
        log.warn({ earlyMs: left() }, 'redis was emptied; what is due is added again now');
        return;
      }
    } while (left() > 0);
  };
}
