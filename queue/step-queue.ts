/** The producer's side of the steps queue. */
import { Queue } from 'bullmq';
import type { JobsOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/observability/logger.ts';
import type { Tracing } from '../platform/observability/tracing.ts';
import { isAttended } from './attendance.ts';
import { dueAmongDelayed } from './backlog.ts';
import { countsOf } from './depth.ts';
import { stepsQueue } from './queue-names.ts';
import { relieve } from './relief.ts';
import type { Relief } from './relief.ts';
import { finalizeJobId, slotBackoff, slotJobId, stepAttempts, stepJobData, wakeJobId } from './step-job.ts';
import type { CanaryKey, Sight, StepJobData, StepJobName, StepReport } from './step-job.ts';
import { sweepWaiting } from './sweep.ts';
import type { PassedAt, Swept } from './sweep.ts';
import { createTurns, priorityOf } from './turns.ts';
import type { Weights } from './turns.ts';

/** One slot of one canary that is to be run. */
export interface DueStep {
  /** `finalize` for one that is being deleted. */
  readonly name: 'step' | 'finalize';
  readonly canary: CanaryKey;
  readonly slot: number;
  /** Epoch milliseconds. */
  readonly dueAt: number;
  /** In which turn of its namespace the canary goes, from 1: namespaces take turns when workers are short. */
  readonly position: number;
  /** Roll-backs and deletions: before what others wait for, and among each other by position. */
  readonly isUrgent?: boolean;
}

export interface StepQueue {
  /**
   * Adds what is not there yet.
   *
   * @throws Error of ioredis when Redis cannot be asked or is full, as every method here; what was added by then stays
   */
  addDue(steps: readonly DueStep[]): Promise<void>;
  /** Has a canary looked at now. `cause` names the change: the same change wakes once. */
  wake(canary: CanaryKey, cause: string, how?: Waking): Promise<void>;
  /** The same for a canary that is being deleted. */
  finalize(canary: CanaryKey, cause: string, how?: Pick<Waking, 'seen'>): Promise<void>;
  /** How many jobs are due and wait for a worker. */
  waiting(): Promise<number>;
  /** Removes what waits and is of no use any more; tells how much of it no worker had come to. */
  sweep(passedAt: PassedAt): Promise<Swept>;
  /** Removes jobs that have ended from a Redis that is full. */
  relieve(): Promise<Relief>;
  /** Whether a worker has ended a job since then (epoch milliseconds), or is at one. */
  isAttended(since: number): Promise<boolean>;
  close(): Promise<void>;
}

export interface Waking {
  readonly isUrgent?: boolean;
  /** The change itself: a step that reads what was before it would find nothing to do. */
  readonly seen?: Sight | undefined;
}

export interface QueueConnection {
  /** Belongs to the caller, who closes it after the queue. */
  readonly redis: Redis;
  readonly prefix: string;
  readonly log: Logger;
}

export type BullStepQueue = Queue<StepJobData, StepReport, StepJobName>;

/** Redis answers nobody else while it takes a chunk: some milliseconds. Larger ones are not added any sooner. */
const chunkSize = 50;
/** While Redis takes one chunk, the next is made. */
const chunksUnderWay = 2;
export interface StepQueueOptions extends QueueConnection {
  readonly clock: Clock;
  readonly tracing?: Tracing | undefined;
  /** Left out: all namespaces weigh the same. */
  readonly weights?: Weights | undefined;
}

/** Opens the queue. The connection stays the caller's; `close` ends what the queue itself has opened. */
export function createStepQueue(connection: StepQueueOptions): StepQueue {
  const queue = openStepQueue(connection);
  const [turns, urgentTurns] = [createTurns(connection), createTurns(connection)];
  // It is the workers that take a job that has fallen due out of the delayed ones: without any it stays there.
  const overdue = (): Promise<number> => dueAmongDelayed({ queue, redis: connection.redis }, connection.clock.now());
  const caused = () => causedBy(connection.tracing?.traceparent());
  return {
    addDue: (steps) =>
      addInChunks(steps, async (chunk) => {
        const now = connection.clock.now();
        await queue.addBulk(chunk.map((step) => slotJob(step, { now, ...caused() })));
      }),
    wake: async (canary, cause, { isUrgent = false, seen } = {}) => {
      await queue.add('wake', stepJobData(canary, seen), {
        jobId: wakeJobId(canary, cause),
        ...retries,
        ...caused(),
        priority: priorityOf({ position: (isUrgent ? urgentTurns : turns).next(canary.namespace), isUrgent }),
      });
    },
    finalize: async (canary, cause, { seen } = {}) => {
      await queue.add('finalize', stepJobData(canary, seen), {
        jobId: finalizeJobId(canary, cause),
        ...retries,
        ...caused(),
        priority: priorityOf({ position: urgentTurns.next(canary.namespace), isUrgent: true }),
      });
    },
    waiting: async () => (await countsOf(queue)).waiting + (await overdue()),
    sweep: async (passedAt) => sweepWaiting(queue, { passedAt, overdue: await overdue() }),
    relieve: () => relieve({ queue, redis: connection.redis }),
    isAttended: (since) => isAttended({ queue, redis: connection.redis }, since),
    close: () => queue.close(),
  };
}

async function addInChunks(
  steps: readonly DueStep[],
  add: (chunk: readonly DueStep[]) => Promise<void>,
): Promise<void> {
  let start = 0;
  const addRest = async (): Promise<void> => {
    while (start < steps.length) await add(steps.slice(start, (start += chunkSize)));
  };
  await Promise.all(Array.from({ length: chunksUnderWay }, addRest));
}

/** The queue itself, for those who look into it: the board, the drain, the metrics. */
export function openStepQueue({ redis, prefix, log }: QueueConnection): BullStepQueue {
  const queue: BullStepQueue = new Queue(stepsQueue, { connection: redis, prefix });
  // Without a listener an error of the connection would end the process.
  queue.on('error', (err) => log.warn({ err, queue: stepsQueue }, 'queue error'));
  return queue;
}

/** BullMQ would keep the stack of each attempt, and what a step that looks again and again noted: megabytes in a long slot. */
const keptOfAttempts = { stackTraceLimit: 1, keepLogs: 10 } satisfies JobsOptions;
const retries = {
  attempts: stepAttempts,
  backoff: { type: slotBackoff },
  ...keptOfAttempts,
} satisfies JobsOptions;

/** Beside the data, which stays small: an option of a job, and only where tracing is on. */
export const causedBy = (traceparent: string | undefined): Pick<JobsOptions, 'telemetry'> =>
  traceparent === undefined ? {} : { telemetry: { metadata: traceparent } };

type Adding = Pick<JobsOptions, 'telemetry'> & { readonly now: number };

function slotJob(step: DueStep, { now, ...caused }: Adding) {
  const { name, canary, dueAt } = step;
  const opts = {
    jobId: slotJobId(step),
    delay: Math.max(0, dueAt - now),
    priority: priorityOf(step),
    ...retries,
    ...caused,
  };
  return { name, data: stepJobData(canary), opts };
}
