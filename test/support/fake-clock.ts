import { type Cancel, type Clock, sleepWith } from '../../platform/clock.ts';

export interface FakeClock extends Clock {
  /** Moves time forward and fires what falls due, in order; what that starts is awaited before time moves on. */
  advance(ms: number): Promise<void>;
  /** Advances to the next timer, `times` times (default 1). Fails when there is none. */
  advanceToNext(times?: number): Promise<void>;
  /** Timers waiting, next first, as ms from now. */
  waiting(): number[];
  /** Sets the wall clock without firing anything, as a corrected machine clock does. */
  setWallClock(epochMs: number): void;
  /** Resolves as soon as `count` timers wait (default 1): something under test has gone to sleep. Real time, bounded by 5 s. */
  whenWaiting(count?: number): Promise<void>;
}

interface Timer {
  dueAt: number;
  order: number;
  everyMs: number | undefined;
  fn: () => void;
}

/** A clock that stands still until told otherwise. Starts at 2026-01-01T00:00:00Z unless told. */
export function createFakeClock(startMs: number = Date.UTC(2026, 0, 1)): FakeClock {
  let elapsedMs = 0;
  let wallOffsetMs = startMs;
  let order = 0;
  const timers = new Set<Timer>();

  const start = (ms: number, everyMs: number | undefined, fn: () => void): Cancel => {
    order += 1;
    const timer: Timer = { dueAt: elapsedMs + Math.max(ms, 0), order, everyMs, fn };
    timers.add(timer);
    return () => void timers.delete(timer);
  };
  const inOrder = (): Timer[] => [...timers].toSorted((a, b) => a.dueAt - b.dueAt || a.order - b.order);
  const fire = (timer: Timer): void => {
    elapsedMs = timer.dueAt;
    if (timer.everyMs === undefined) timers.delete(timer);
    else timer.dueAt += timer.everyMs;
    timer.fn();
  };
  const advance = async (ms: number): Promise<void> => {
    if (ms < 0) throw new RangeError(`expected a duration of at least 0 ms, got ${ms}; use setWallClock to step back`);
    const until = elapsedMs + ms;
    for (let next = inOrder()[0]; next !== undefined && next.dueAt <= until; next = inOrder()[0]) {
      fire(next);
      await settle();
    }
    elapsedMs = until;
    await settle();
  };
  const after = (ms: number, fn: () => void): Cancel => start(ms, undefined, fn);
  return {
    now: () => wallOffsetMs + elapsedMs,
    after,
    every: (ms, fn) => start(ms, ms, fn),
    sleep: (ms, signal) => sleepWith({ after }, ms, signal),
    advance,
    async advanceToNext(times = 1) {
      for (let time = 0; time < times; time += 1) {
        const next = inOrder()[0];
        if (next === undefined) throw new Error('expected a timer to advance to, got none waiting');
        await advance(next.dueAt - elapsedMs);
      }
    },
    waiting: () => inOrder().map(({ dueAt }) => dueAt - elapsedMs),
    setWallClock: (epochMs) => {
      wallOffsetMs = epochMs - elapsedMs;
    },
    async whenWaiting(count = 1) {
      const giveUpAt = performance.now() + 5_000;
      while (timers.size < count) {
        if (performance.now() > giveUpAt) throw new Error(`expected ${count} timers within 5 s, got ${timers.size}`);
        await settle();
      }
    },
  };
}

/** Lets promises and ready I/O run until they rest. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
