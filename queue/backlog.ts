/** What is left in a queue, without looking at more than one job. */
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';

export interface QueueBacklog {
  /** Jobs that wait for a worker. */
  readonly waiting: number;
  readonly active: number;
  /** When the next delayed job is due, in epoch milliseconds; of one that was put back, at the earliest. */
  readonly nextDueAt: number | undefined;
}

type AnyQueue = Pick<Queue, 'getJobCounts' | 'getDelayed'>;

export async function backlogOf(queue: AnyQueue): Promise<QueueBacklog> {
  const [counts, [next]] = await Promise.all([
    queue.getJobCounts('wait', 'prioritized', 'active'),
    queue.getDelayed(0, 0),
  ]);
  const of = (state: string): number => counts[state] ?? 0;
  return {
    waiting: of('wait') + of('prioritized'),
    active: of('active'),
    nextDueAt: next === undefined ? undefined : next.timestamp + next.delay,
  };
}

export interface DelayedJobs {
  readonly queue: Pick<Queue, 'toKey'>;
  readonly redis: Pick<Redis, 'zcount'>;
}

/** BullMQ orders delayed jobs by their time in milliseconds, times this. */
const delayedScorePerMs = 0x1000;

/**
 * How many of the delayed jobs are due by a time, in epoch milliseconds. Their order knows it; a job that was put back tells
 * only how long it was to wait, and not since when.
 */
export const dueAmongDelayed = ({ queue, redis }: DelayedJobs, time: number): Promise<number> =>
  redis.zcount(queue.toKey('delayed'), '-inf', String(time * delayedScorePerMs));
