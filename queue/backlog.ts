/** What is due in a queue, without looking at any job. */
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { countsOf } from './depth.ts';

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

export interface OpenJobs extends DelayedJobs {
  readonly queue: Pick<Queue, 'toKey' | 'getJobCounts'>;
}

/** How many jobs run, wait for a worker, or will be due by a time, in epoch milliseconds. Rejects when Redis cannot be asked. */
export async function openJobs({ queue, redis }: OpenJobs, time: number): Promise<number> {
  const [{ waiting, active }, due] = await Promise.all([countsOf(queue), dueAmongDelayed({ queue, redis }, time)]);
  return waiting + active + due;
}

export interface DelayedJob {
  readonly queue: Pick<Queue, 'toKey'>;
  readonly redis: Pick<Redis, 'zscore'>;
}

/** When a delayed job is due, in epoch milliseconds; undefined for one that is not delayed. Rejects when Redis cannot be asked. */
export async function dueTimeOf({ queue, redis }: DelayedJob, jobId: string): Promise<number | undefined> {
  const score = await redis.zscore(queue.toKey('delayed'), jobId);
  return score === null ? undefined : Math.floor(Number(score) / delayedScorePerMs);
}
