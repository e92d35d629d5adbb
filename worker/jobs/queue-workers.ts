/** The BullMQ workers of this process, with the settings under which a killed worker's job runs again within seconds. */
import { Worker } from 'bullmq';
import type { Job, WorkerOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Clock, Random } from '../../platform/clock.ts';
import type { LogFields, Logger } from '../../platform/observability/logger.ts';
import { traceIdOf } from '../../platform/observability/tracing.ts';
import type { AlertJobData, AlertJobName, AlertReport } from '../../queue/alert-job.ts';
import { alertsQueue, stepsQueue } from '../../queue/queue-names.ts';
import type { StepJobData, StepJobName, StepReport } from '../../queue/step-job.ts';
import type { AlertConsumer } from './alerts.ts';
import { createRest } from './full-redis.ts';
import type { Rest } from './full-redis.ts';
import type { Processor } from './processor.ts';
import { createRunningJobs } from './running-jobs.ts';
import type { RunningJobs } from './running-jobs.ts';
import { retryDelay } from './step-failure.ts';
import { createStepLimit } from './step-limit.ts';

export interface WorkerSettings {
  /** Waits while Redis is away (role consumer). Belongs to the caller, who closes it after the workers. */
  readonly redis: Redis;
  readonly prefix: string;
  readonly concurrency: number;
  /** Milliseconds that a finished job is kept; its id keeps a scheduler from adding the slot again. */
  readonly keepFinishedMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly timing?: LockTiming | undefined;
}

/** Milliseconds. */
export interface LockTiming {
  /** How long a job stays with a worker that says nothing any more. */
  readonly lockDuration: number;
  readonly stalledInterval: number;
}

export interface QueueWorker
  extends Pick<RunningJobs, 'lastStart' | 'running' | 'oldestStart'>,
    Pick<Rest, 'refusedAt'> {
  /** Takes no more jobs and waits for the running ones; after `graceMs` they are told to stop. */
  close(graceMs: number): Promise<void>;
}

/** A killed worker's job runs again within 10 s: the lock has to end, and a check to notice. */
export const defaultTiming: LockTiming = { lockDuration: 8_000, stalledInterval: 2_000 };
/** How often a job may lose its worker before it is given up: rolling updates kill several in a row. */
const maxStalledCount = 10;
/** Failed jobs stay for this many seconds, for those who look why. */
const keepFailedSeconds = 86_400;
const keepFailedCount = 5_000;

export interface StepWorkerOptions extends WorkerSettings {
  readonly process: Processor;
  /** Told when a job has failed for good. */
  readonly onFailed: () => void;
}

export function startStepWorker({ process, onFailed, ...settings }: StepWorkerOptions): QueueWorker {
  const { clock, random, log, concurrency } = settings;
  const jobs = createRunningJobs(clock);
  const limit = createStepLimit({
    jobs,
    max: concurrency,
    clock,
    apply: (places) => setPlaces(worker, places),
  });
  const worker = new Worker<StepJobData, StepReport, StepJobName>(
    stepsQueue,
    (job, token, signal) => limit.during(() => process(job, token, signal ?? neverAborted)),
    {
      ...workerOptions({ ...settings, concurrency: limit.current() }),
      settings: {
        backoffStrategy: (attempts, _type, error) =>
          retryDelay({ attempts, error, now: clock.now(), random }) ?? noRetry,
      },
    },
  );
  worker.on('failed', (job, err) => {
    const isFinal = job === undefined || job.finishedOn !== undefined;
    log.warn({ err, ...subjectOf(job), retried: !isFinal }, 'step failed');
    if (isFinal) onFailed();
  });
  return supervise(worker, jobs, settings);
}

/** Its loop looks at the number again when a job ends: one that waits for jobs that hang is told by a pause that is none. */
function setPlaces(
  worker: Pick<Worker, 'concurrency' | 'closing' | 'isPaused' | 'pause' | 'resume'>,
  places: number,
): void {
  const isMore = places > worker.concurrency;
  worker.concurrency = places;
  if (!isMore || worker.isPaused() || worker.closing !== undefined) return;
  void worker.pause(true);
  void worker.resume();
}

export interface AlertWorkerOptions extends WorkerSettings {
  readonly consume: AlertConsumer;
}

export function startAlertWorker({ consume, ...settings }: AlertWorkerOptions): QueueWorker {
  const jobs = createRunningJobs(settings.clock);
  const worker = new Worker<AlertJobData, AlertReport, AlertJobName>(
    alertsQueue,
    (job, token, signal) => jobs.during(() => consume(job, token, signal ?? neverAborted)),
    workerOptions(settings),
  );
  return supervise(worker, jobs, settings);
}

/** BullMQ's word for "do not try again". */
const noRetry = -1;
const neverAborted = new AbortController().signal;

/** The queue tells of a failed job outside of its step, whose fields are gone by then. */
function subjectOf(job: Job<StepJobData> | undefined): LogFields {
  if (job === undefined) return {};
  const { ns: namespace, name } = job.data;
  const traceId = traceIdOf(job.opts.telemetry?.metadata);
  return { canary: `${namespace}/${name}`, namespace, job: job.id, ...(traceId && { traceId }) };
}

function workerOptions({ redis, prefix, concurrency, keepFinishedMs, timing }: WorkerSettings): WorkerOptions {
  return {
    connection: redis,
    prefix,
    concurrency,
    ...(timing ?? defaultTiming),
    maxStalledCount,
    // Seconds; a frozen process that holds the blocking wait keeps a new job from the others for as long.
    drainDelay: 1,
    removeOnComplete: { age: Math.ceil(keepFinishedMs / 1_000) },
    removeOnFail: { age: keepFailedSeconds, count: keepFailedCount },
  };
}

function supervise<Data, Result, Name extends string>(
  worker: Worker<Data, Result, Name>,
  jobs: RunningJobs,
  { clock, log }: WorkerSettings,
): QueueWorker {
  const queue = worker.name;
  const rest = createRest({ worker, clock, log });
  worker.on('error', (err) => {
    if (!rest.begin(err)) log.warn({ err, queue }, 'worker error');
  });
  worker.on('stalled', (job) => log.warn({ job, queue }, 'job of a lost worker taken back'));
  worker.on('lockRenewalFailed', (lost) => {
    for (const job of lost) worker.cancelJob(job, 'the lock of its job is lost');
  });
  return {
    lastStart: () => jobs.lastStart(),
    running: () => jobs.running(),
    oldestStart: () => jobs.oldestStart(),
    refusedAt: () => rest.refusedAt(),
    close: async (graceMs) => {
      rest.end();
      const cancel = clock.after(graceMs, () => worker.cancelAllJobs('the process shuts down'));
      try {
        await worker.close();
      } finally {
        cancel();
      }
    },
  };
}
