/** What a BullMQ worker does while Redis is full: it would ask for the next job again at once, and again, and log each refusal. */
import type { Worker } from 'bullmq';
import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/observability/logger.ts';
import { isRefusedForMemory } from '../../platform/redis/full.ts';

/** Milliseconds until it asks again. Jobs that run go on, and end. */
const restMs = 1_000;

export interface RestOptions {
  readonly worker: Pick<Worker, 'name' | 'pause' | 'resume'>;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly log: Logger;
}

export interface Rest {
  /** Begins a rest when Redis refused something for want of memory; whether it did. */
  begin(error: Error): boolean;
  /** When Redis last refused something for want of memory, in epoch milliseconds; undefined: never. */
  refusedAt(): number | undefined;
  /** For a worker that is about to be closed. */
  end(): void;
}

export function createRest({ worker, clock, log }: RestOptions): Rest {
  let cancel: (() => void) | undefined;
  let isOver = false;
  let refusedAt: number | undefined;
  return {
    refusedAt: () => refusedAt,
    begin: (error) => {
      if (!isRefusedForMemory(error)) return false;
      refusedAt = clock.now();
      if (cancel !== undefined || isOver) return true;
      log.warn({ err: error, queue: worker.name, restMs }, 'redis is full; the worker takes no job until it has room');
      void worker.pause(true);
      cancel = clock.after(restMs, () => {
        cancel = undefined;
        void worker.resume();
      });
      return true;
    },
    end: () => {
      isOver = true;
      cancel?.();
    },
  };
}
