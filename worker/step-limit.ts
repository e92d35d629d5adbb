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

/** It sets a timer only while there is no room: a worker at rest is not woken. */
export function createStepLimit({ max, clock, apply }: StepLimitOptions): StepLimit {
  const steps = createRunningSteps(clock);
  let limit = Math.min(max, mostYoung);
  let isWatching = false;
  const setLimit = (): void => {
    const next = Math.min(max, mostYoung + steps.old());
    if (next === limit) return;
    limit = next;
    apply(limit);
  };
  const watch = (): void => {
    const hasRoom = limit === max || steps.count() < limit;
    const ageMs = steps.untilNextIsOld();
    if (isWatching || hasRoom || ageMs === undefined) return;
    isWatching = true;
    clock.after(Math.min(Math.max(1, ageMs), youthMs), () => {
      isWatching = false;
      steps.age();
      setLimit();
      watch();
    });
  };
  return {
    during: async (step) => {
      const end = steps.begin();
      watch();
      try {
        return await step();
      } finally {
        end();
        setLimit();
        watch();
      }
    },
    current: () => limit,
  };
}

interface RunningSteps {
  /** @returns what ends it */
  begin(): () => void;
  /** Has those that are not young any more count as old. */
  age(): void;
  count(): number;
  old(): number;
  /** Milliseconds until the eldest of the young ones is old; 0 or less when it is due; undefined without any. */
  untilNextIsOld(): number | undefined;
}

function createRunningSteps(clock: Pick<Clock, 'now'>): RunningSteps {
  /** When each began, in the order in which they did. */
  const young = new Map<symbol, number>();
  const old = new Set<symbol>();
  return {
    begin: () => {
      const step = Symbol('step');
      young.set(step, clock.now());
      return () => void (young.delete(step) || old.delete(step));
    },
    age: () => {
      for (const [step, startedAt] of young) {
        const ageMs = clock.now() - startedAt;
        // One from the future is of a clock that was put back since.
        if (ageMs >= 0 && ageMs < youthMs) return;
        young.delete(step);
        old.add(step);
      }
    },
    count: () => young.size + old.size,
    old: () => old.size,
    untilNextIsOld: () => {
      const startedAt = young.values().next().value;
      return startedAt === undefined ? undefined : startedAt + youthMs - clock.now();
    },
  };
}
