/** Real BullMQ workers on a real Redis, with steps that a test writes down. */
import { randomUUID } from 'node:crypto';
import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';
import { systemClock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/observability/logger.ts';
import { silentLogger } from '../../platform/observability/logger.ts';
import type { RedisAddress } from '../../platform/redis/address.ts';
import { createRedis } from '../../platform/redis/redis.ts';
import { createStepQueue, openStepQueue } from '../../queue/step-queue.ts';
import type { DueStep, StepQueue } from '../../queue/step-queue.ts';
import type { StepJobData, StepJobName, StepReport } from '../../queue/step-job.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { createLeases } from '../../worker/step/lease.ts';
import { createProcessor } from '../../worker/jobs/processor.ts';
import type { JobObservation } from '../../worker/jobs/processor.ts';
import { startStepWorker } from '../../worker/jobs/queue-workers.ts';
import type { LockTiming, QueueWorker } from '../../worker/jobs/queue-workers.ts';
import type { TakeStep } from '../../worker/step/take-step.ts';

export type StepJobRecord = Job<StepJobData, StepReport, StepJobName>;

/** One queue of its own in a Redis, and the workers that a test starts on it. */
export interface StepBench {
  readonly prefix: string;
  readonly redis: Redis;
  readonly queue: StepQueue;
  readonly jobs: ReturnType<typeof openStepQueue>;
  startWorker(options: BenchWorkerOptions): QueueWorker;
  /** The job as it is when it has ended. */
  ended(id: string, seconds?: number): Promise<StepJobRecord>;
  close(): Promise<void>;
}

export interface BenchWorkerOptions {
  readonly takeStep: TakeStep;
  readonly concurrency?: number;
  readonly stepTimeoutMs?: number;
  readonly leaseTtlMs?: number;
  readonly timing?: LockTiming;
  readonly keepFinishedMs?: number;
  readonly onBusy?: () => void;
  readonly onPutBack?: (until: number) => void;
  readonly onEnd?: (observation: JobObservation) => void;
  readonly log?: Logger;
}

const log = silentLogger;
const clock = systemClock;

/** @param where a URL, or an address */
export function createBench(where: string | RedisAddress, prefix = `{${randomUUID()}}`): StepBench {
  const address = typeof where === 'string' ? { url: where } : where;
  const redis = createRedis({ ...address, role: 'producer', connectionName: 'bench', log });
  const queue = createStepQueue({ redis, prefix, log, clock });
  const jobs = openStepQueue({ redis, prefix, log });
  const closers: (() => Promise<unknown>)[] = [];
  return {
    prefix,
    redis,
    queue,
    jobs,
    startWorker: (options) => {
      const consumer = createRedis({ ...address, role: 'consumer', connectionName: 'bench-worker', log });
      const worker = startBenchWorker({ ...options, redis, consumer, prefix });
      closers.push(async () => {
        await worker.close(0);
        consumer.disconnect();
      });
      return worker;
    },
    ended: (id, seconds = 10) =>
      waitFor({
        what: `job ${id} to end`,
        seconds,
        every: 20,
        look: async () => {
          const job = await jobs.getJob(id);
          return job?.finishedOn === undefined ? undefined : job;
        },
        explain: async () => `state: ${await jobs.getJobState(id)}`,
      }),
    close: async () => {
      await Promise.all(closers.map((close) => close()));
      await Promise.all([queue.close(), jobs.close()]);
      redis.disconnect();
    },
  };
}

interface StartOptions extends BenchWorkerOptions {
  readonly redis: Redis;
  readonly consumer: Redis;
  readonly prefix: string;
}

function startBenchWorker(options: StartOptions): QueueWorker {
  const { redis, consumer, prefix, takeStep, log: lines = log } = options;
  const leases = createLeases({
    redis,
    prefix,
    clock,
    newToken: randomUUID,
    ttlMs: options.leaseTtlMs ?? 2_000,
    log: lines,
  });
  const process = createProcessor({
    takeStep,
    leases,
    clock,
    stepTimeoutMs: options.stepTimeoutMs ?? 30_000,
    isServed: () => true,
    log: lines,
    onAction: () => undefined,
    onEnd: options.onEnd ?? (() => undefined),
    onBusy: options.onBusy ?? (() => undefined),
    onPutBack: options.onPutBack,
  });
  return startStepWorker({
    redis: consumer,
    prefix,
    process,
    concurrency: options.concurrency ?? 10,
    keepFinishedMs: options.keepFinishedMs ?? 60_000,
    clock,
    random: Math.random,
    log: lines,
    onFailed: () => undefined,
    ...(options.timing === undefined ? {} : { timing: options.timing }),
  });
}

/** A slot of a canary that is due now, unless told otherwise. */
export function aDueStep(name: string, over: Partial<DueStep> & { readonly namespace?: string } = {}): DueStep {
  const { namespace = 'test', ...rest } = over;
  const uid = `${name.padEnd(8, '0').slice(0, 8)}-uid`;
  return { name: 'step', canary: { namespace, name, uid }, slot: 1, dueAt: clock.now(), position: 1, ...rest };
}

/** A step that takes its slot for current and ends at once. */
export const takesAtOnce: TakeStep = async ({ job }) => ({
  kind: 'taken',
  outcome: 'settled',
  phase: 'Succeeded',
  slot: job.slot ?? 0,
});
