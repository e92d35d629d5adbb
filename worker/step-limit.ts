/**
 * How many steps a worker takes at the same time. Steps that wait for others cost nothing meanwhile, so there may be many.
 * Of those that only compute, more at a time are through no sooner: they are a line before Redis and the event loop, at
 * whose end stands the next one to come, whoever's it is and however urgent. Which is which a step shows by its age.
 */
import type { Clock } from '../platform/clock.ts';

/** So many keep a worker at work, although each waits for Redis in between. */
const mostYoung = 10;
/** Milliseconds after which a step counts as one that waits for others. */
const youthMs = 50;

export interface StepLimitOptions {
  /** CONCURRENCY. */
  readonly max: number;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  /** Told of each change. */
  readonly apply: (limit: number) => void;
}

export interface StepLimit {
  /** A step that counts. */
  during<T>(step: () => Promise<T>): Promise<T>;
  /** Steps that may run at the same time now: ten more than there are old ones, and never more than `max`. */
  current(): number;
}

interface RunningStep {
  readonly startedAt: number;
  isOld: boolean;
}

/** It sets a timer only while there is no room: a worker at rest is not woken. */
export function createStepLimit({ max, clock, apply }: StepLimitOptions): StepLimit {
  /** In the order in which they began. */
  const running = new Set<RunningStep>();
  let old = 0;
  let limit = Math.min(max, mostYoung);
  let isWatching = false;
  const setLimit = (): void => {
    const next = Math.min(max, mostYoung + old);
    if (next === limit) return;
    limit = next;
    apply(limit);
  };
  const isFull = (): boolean => limit < max && running.size >= limit;
  const age = (): void => {
    isWatching = false;
    const now = clock.now();
    for (const step of running) {
      if (step.isOld || now - step.startedAt < youthMs) continue;
      step.isOld = true;
      old += 1;
    }
    setLimit();
    watch();
  };
  const watch = (): void => {
    if (isWatching || !isFull()) return;
    const eldest = [...running].find(({ isOld }) => !isOld);
    if (eldest === undefined) return;
    isWatching = true;
    clock.after(Math.max(1, eldest.startedAt + youthMs - clock.now()), age);
  };
  const end = (step: RunningStep): void => {
    running.delete(step);
    if (step.isOld) old -= 1;
    setLimit();
  };
  return {
    during: async (step) => {
      const one = { startedAt: clock.now(), isOld: false };
      running.add(one);
      watch();
      try {
        return await step();
      } finally {
        end(one);
      }
    },
    current: () => limit,
  };
}
