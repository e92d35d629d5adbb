/** The jobs that a BullMQ worker of this process is at, in the order in which they began. */
import type { Clock } from '../../platform/clock.ts';

export interface RunningJobs {
  /** A job that counts from now until it ends, however it ends. */
  during<T>(work: () => Promise<T>): Promise<T>;
  /** When a job was last begun, in epoch milliseconds; when this was made, before that. */
  lastStart(): number;
  running(): number;
  /** When the job that has run longest was begun, in epoch milliseconds; undefined while none runs. */
  oldestStart(): number | undefined;
  /** Has those that have run for `youthMs` count as old from now on. */
  age(youthMs: number): void;
  old(): number;
  /** When the first of those that do not count as old was begun; undefined without any. */
  firstYoungStart(): number | undefined;
}

export function createRunningJobs(clock: Pick<Clock, 'now'>): RunningJobs {
  let lastStart = clock.now();
  const young = new Map<symbol, number>();
  const old = new Map<symbol, number>();
  const firstOf = (jobs: ReadonlyMap<symbol, number>): number | undefined => jobs.values().next().value;
  return {
    during: async (work) => {
      const job = Symbol('job');
      lastStart = clock.now();
      young.set(job, lastStart);
      try {
        return await work();
      } finally {
        if (!young.delete(job)) old.delete(job);
      }
    },
    lastStart: () => lastStart,
    running: () => young.size + old.size,
    oldestStart: () => firstOf(old) ?? firstOf(young),
    age: (youthMs) => {
      for (const [job, startedAt] of young) {
        const ageMs = clock.now() - startedAt;
        // One from the future is of a clock that was put back since.
        if (ageMs >= 0 && ageMs < youthMs) return;
        young.delete(job);
        old.set(job, startedAt);
      }
    },
    old: () => old.size,
    firstYoungStart: () => firstOf(young),
  };
}
