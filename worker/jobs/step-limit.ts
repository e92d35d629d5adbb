/**
 * How many steps a worker takes at the same time. Steps that wait for others cost nothing meanwhile, so there may be many.
 * Of those that only compute, more at a time are through no sooner: they are a line before Redis and the event loop, at
 * whose end stands the next one to come, whoever's it is and however urgent. Which is which a step shows by its age.
 */
import type { Clock } from '../../platform/clock.ts';
import type { RunningJobs } from './running-jobs.ts';

/** So many keep a worker at work, although each waits for Redis in between. */
const mostYoung = 10;
/** Milliseconds after which a step counts as one that waits for others. */
const youthMs = 50;

export interface StepLimitOptions {
  readonly jobs: Pick<RunningJobs, 'during' | 'running' | 'age' | 'old' | 'firstYoungStart'>;
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

/** It sets a timer only while there is no room: a worker at rest is not woken. */
export function createStepLimit({ jobs, max, clock, apply }: StepLimitOptions): StepLimit {
  let limit = Math.min(max, mostYoung);
  let isWatching = false;
  const setLimit = (): void => {
    const next = Math.min(max, mostYoung + jobs.old());
    if (next === limit) return;
    limit = next;
    apply(limit);
  };
  const watch = (): void => {
    const hasRoom = limit === max || jobs.running() < limit;
    const startedAt = jobs.firstYoungStart();
    if (isWatching || hasRoom || startedAt === undefined) return;
    isWatching = true;
    const restMs = startedAt + youthMs - clock.now();
    clock.after(Math.min(Math.max(1, restMs), youthMs), () => {
      isWatching = false;
      jobs.age(youthMs);
      setLimit();
      watch();
    });
  };
  return {
    during: async (step) => {
      const result = jobs.during(step);
      watch();
      try {
        return await result;
      } finally {
        setLimit();
        watch();
      }
    },
    current: () => limit,
  };
}
