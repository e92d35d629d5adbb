/** What is left in a queue, without looking at more than one job. */
import type { Queue } from 'bullmq';

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
