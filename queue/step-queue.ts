/** The producer's side of the steps queue. */
import { Queue } from 'bullmq';
import type { JobsOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { Tracing } from '../platform/tracing.ts';
import { countsOf } from './depth.ts';
import { stepsQueue } from './queue-names.ts';
import { finalizeJobId, slotBackoff, slotJobId, stepAttempts, stepJobData, stepJobId, wakeJobId } from './step-job.ts';
import type { CanaryKey, StepJob, StepJobData, StepJobName, StepReport } from './step-job.ts';
import { sweepWaiting } from './sweep.ts';

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
  /** Adds what is not there yet. Rejects when Redis cannot be asked; what was added by then stays. */
  addDue(steps: readonly DueStep[]): Promise<void>;
  /** Has a canary looked at now. `cause` names the change: the same change wakes once. */
  wake(canary: CanaryKey, cause: string): Promise<void>;
  /** The same for a canary that is being deleted. */
  finalize(canary: CanaryKey, cause: string): Promise<void>;
  /** How many jobs are due and wait for a worker. */
  waiting(): Promise<number>;
  /** Removes what waits and is of no use any more; resolves to how many slots that were. */
  sweep(hasPassed: (job: StepJob) => boolean): Promise<number>;
  close(): Promise<void>;
}

export interface QueueConnection {
  /** Belongs to the caller, who closes it after the queue. */
  readonly redis: Redis;
  readonly prefix: string;
  readonly log: Logger;
}

export type BullStepQueue = Queue<StepJobData, StepReport, StepJobName>;

/** Large enough to be quick, small enough to hold up Redis for some milliseconds only. */
const chunkSize = 500;
/** While Redis takes one chunk, the next is made. */
const chunksUnderWay = 2;
/** BullMQ orders delayed jobs by their time in milliseconds, times this. */
const delayedScorePerMs = 0x1000;
/** Highest number that BullMQ takes; larger is later. */
const lastPriority = 2 ** 21 - 1;

export interface StepQueueOptions extends QueueConnection {
  readonly clock: Clock;
  readonly tracing?: Tracing | undefined;
}

export function createStepQueue(connection: StepQueueOptions): StepQueue {
  const queue = openStepQueue(connection);
  const turns = createTurns(connection.clock);
  // It is the workers that take a job that has fallen due out of the delayed ones: without any it stays there.
  const overdue = (): Promise<number> =>
    connection.redis.zcount(queue.toKey('delayed'), '-inf', String(connection.clock.now() * delayedScorePerMs));
  const caused = () => causedBy(connection.tracing?.traceparent());
  return {
    addDue: async (steps) => {
      let start = 0;
      const addRest = async (): Promise<void> => {
        while (start < steps.length) {
          const chunk = steps.slice(start, (start += chunkSize));
          const now = connection.clock.now();
          await queue.addBulk(chunk.map((step) => slotJob(step, { now, ...caused() })));
        }
      };
      await Promise.all(Array.from({ length: chunksUnderWay }, addRest));
    },
    wake: async (canary, cause) => {
      await queue.add('wake', stepJobData(canary), {
        jobId: wakeJobId(canary, cause),
        ...retries,
        ...caused(),
        priority: priorityOf({ position: turns.next(canary.namespace) }),
      });
    },
    finalize: async (canary, cause) => {
      await queue.add('finalize', stepJobData(canary), {
        jobId: finalizeJobId(canary, cause),
        ...retries,
        ...caused(),
        priority: priorityOf({ position: turns.next(canary.namespace), isUrgent: true }),
      });
    },
    waiting: async () => (await countsOf(queue)).waiting + (await overdue()),
    sweep: async (hasPassed) => sweepWaiting(queue, { hasPassed, overdue: await overdue() }),
    close: () => queue.close(),
  };
}

/** Milliseconds within which the wakes of a namespace stand behind each other. */
const turnsMs = 10_000;

/** A tenant that releases everything at once takes turns with the others, as its slots do. */
export function createTurns(clock: Pick<Clock, 'now'>) {
  let begunAt = Number.NEGATIVE_INFINITY;
  const counts = new Map<string, number>();
  return {
    /** From 1. */
    next: (namespace: string): number => {
      if (clock.now() - begunAt >= turnsMs) {
        counts.clear();
        begunAt = clock.now();
      }
      const turn = (counts.get(namespace) ?? 0) + 1;
      counts.set(namespace, turn);
      return turn;
    },
  };
}

/** The queue itself, for those who look into it: the board, the drain, the metrics. */
export function openStepQueue({ redis, prefix, log }: QueueConnection): BullStepQueue {
  const queue: BullStepQueue = new Queue(stepsQueue, { connection: redis, prefix });
  // Without a listener an error of the connection would end the process.
  queue.on('error', (err) => log.warn({ err, queue: stepsQueue }, 'queue error'));
  return queue;
}

/** Urgent steps have the first numbers for themselves; a tenant with more of them than that waits with its own. */
const urgentPriorities = 100;

export const priorityOf = ({ position, isUrgent = false }: Pick<DueStep, 'position' | 'isUrgent'>): number =>
  Math.min(isUrgent && position <= urgentPriorities ? position : urgentPriorities + position, lastPriority);

/**
 * Puts the job of a slot that is in the queue already before those of others, as `addDue` puts an urgent one. One that is
 * not there yet is added as urgent by the tick that adds it.
 */
export async function expedite(queue: Pick<BullStepQueue, 'getJob'>, canary: CanaryKey, slot: number): Promise<void> {
  const job = await queue.getJob(stepJobId(canary, slot));
  await job?.changePriority({ priority: priorityOf({ position: 1, isUrgent: true }) });
}

const retries = { attempts: stepAttempts, backoff: { type: slotBackoff } } satisfies JobsOptions;

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
