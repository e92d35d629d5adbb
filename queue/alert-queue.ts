/** The producer's side of the alerts queue, and the order in which a canary's alerts go out to each receiver. */
import { Queue } from 'bullmq';
import type { Clock } from '../platform/clock.ts';
import { alertAttempts, alertBackoff, alertJobId, alertJobName, laneOf } from './alert-job.ts';
import type { AlertJobData, AlertJobName, AlertLane, AlertReport } from './alert-job.ts';
import { alertsQueue } from './queue-names.ts';
import { keyText } from './step-job.ts';
import { causedBy } from './step-queue.ts';
import type { QueueConnection, StepQueueOptions } from './step-queue.ts';

export interface AlertQueue {
  /**
   * Adds an alert behind those of the same canary to the same receiver. Adding it again changes nothing, unless its attempts
   * are used up and it has not come to an end: then they begin anew. Rejects when Redis cannot be asked.
   */
  add(data: AlertJobData): Promise<void>;
  close(): Promise<void>;
}

export type BullAlertQueue = Queue<AlertJobData, AlertReport, AlertJobName>;

/** The queue itself, for those who look into it. Errors of its connection are logged; whoever opens it closes it. */
export function openAlertQueue({ redis, prefix, log }: QueueConnection): BullAlertQueue {
  const queue: BullAlertQueue = new Queue(alertsQueue, { connection: redis, prefix });
  queue.on('error', (err) => log.warn({ err, queue: alertsQueue }, 'queue error'));
  return queue;
}

/** Opens the queue, and lanes on the same connection. */
export function createAlertQueue(connection: StepQueueOptions): AlertQueue {
  const queue = openAlertQueue(connection);
  const lanes = createAlertLanes(connection);
  return {
    add: async (data) => {
      const lane = laneOf(data);
      const jobId = alertJobId(lane, data.delivery);
      await lanes.enter(lane, jobId);
      if ((await queue.getJobState(jobId)) === 'failed') await queue.remove(jobId);
      const caused = causedBy(connection.tracing?.traceparent());
      await queue.add(alertJobName, data, { jobId, attempts: alertAttempts, backoff: alertBackoff, ...caused });
    },
    close: () => queue.close(),
  };
}

/**
 * The alerts of each canary that are still to go out to a receiver, first come first: one that is away holds up no other.
 * Lost with Redis, like the jobs that they order. All methods reject when Redis cannot be asked.
 */
export interface AlertLanes {
  /** Joins at the end, unless it is in the lane already. */
  enter(lane: AlertLane, jobId: string): Promise<void>;
  /** Whose turn it is. */
  head(lane: AlertLane): Promise<string | undefined>;
  /** Makes way for the next one; nothing for one that is not in the lane. */
  leave(lane: AlertLane, jobId: string): Promise<void>;
}

/** Seconds after which a forgotten lane vanishes. */
const laneLifeSeconds = 86_400;
/** Entries of one millisecond keep their order. */
const entriesPerMs = 1_000;

export function createAlertLanes({
  redis,
  prefix,
  clock,
}: Pick<QueueConnection, 'redis' | 'prefix'> & { readonly clock: Clock }): AlertLanes {
  const keyOf = (lane: AlertLane): string => `${prefix}:lane:${keyText(lane)}.${lane.receiver}`;
  let entered = 0;
  return {
    enter: async (lane, jobId) => {
      entered = (entered + 1) % entriesPerMs;
      const place = clock.now() * entriesPerMs + entered;
      await redis.zadd(keyOf(lane), 'NX', String(place), jobId);
      await redis.expire(keyOf(lane), laneLifeSeconds);
    },
    head: async (lane) => (await redis.zrange(keyOf(lane), 0, '0'))[0],
    leave: async (lane, jobId) => {
      await redis.zrem(keyOf(lane), jobId);
    },
  };
}
