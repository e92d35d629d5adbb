/** The producer's side of the alerts queue, and the order in which a canary's alerts go out. */
import { Queue } from 'bullmq';
import type { Clock } from '../platform/clock.ts';
import { alertAttempts, alertBackoff, alertJobId, alertJobName } from './alert-job.ts';
import type { AlertJobData, AlertJobName, AlertReport } from './alert-job.ts';
import { alertsQueue } from './queue-names.ts';
import { keyText } from './step-job.ts';
import type { CanaryKey } from './step-job.ts';
import { causedBy } from './step-queue.ts';
import type { QueueConnection, StepQueueOptions } from './step-queue.ts';

export interface AlertQueue {
  /** Adds an alert behind those of the same canary. Adding it again changes nothing. */
  add(data: AlertJobData): Promise<void>;
  close(): Promise<void>;
}

export type BullAlertQueue = Queue<AlertJobData, AlertReport, AlertJobName>;

export function openAlertQueue({ redis, prefix, log }: QueueConnection): BullAlertQueue {
  const queue: BullAlertQueue = new Queue(alertsQueue, { connection: redis, prefix });
  queue.on('error', (err) => log.warn({ err, queue: alertsQueue }, 'queue error'));
  return queue;
}

export function createAlertQueue(connection: StepQueueOptions): AlertQueue {
  const queue = openAlertQueue(connection);
  const lanes = createAlertLanes(connection);
  return {
    add: async (data) => {
      const canary = { namespace: data.ns, name: data.name, uid: data.uid };
      const jobId = alertJobId(canary, data.delivery);
      await lanes.enter(canary, jobId);
      const caused = causedBy(connection.tracing?.traceparent());
      await queue.add(alertJobName, data, { jobId, attempts: alertAttempts, backoff: alertBackoff, ...caused });
    },
    close: () => queue.close(),
  };
}

/** The alerts of each canary that are still to go out, first come first. Lost with Redis, like the jobs that they order. */
export interface AlertLanes {
  /** Joins at the end, unless it is in the lane already. */
  enter(canary: CanaryKey, jobId: string): Promise<void>;
  /** Whose turn it is. */
  head(canary: CanaryKey): Promise<string | undefined>;
  leave(canary: CanaryKey, jobId: string): Promise<void>;
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
  const keyOf = (canary: CanaryKey): string => `${prefix}:lane:${keyText(canary)}`;
  let entered = 0;
  return {
    enter: async (canary, jobId) => {
      entered = (entered + 1) % entriesPerMs;
      const place = clock.now() * entriesPerMs + entered;
      await redis.zadd(keyOf(canary), 'NX', String(place), jobId);
      await redis.expire(keyOf(canary), laneLifeSeconds);
    },
    head: async (canary) => (await redis.zrange(keyOf(canary), 0, '0'))[0],
    leave: async (canary, jobId) => {
      await redis.zrem(keyOf(canary), jobId);
    },
  };
}
