/**
 * Whether a BullMQ worker of this process is dead, so that a restart is the cure. It is when
 *
 *   jobs are due, it has room, and it has begun none for a minute     its loop fetches no more
 *   a job runs although its bound is long over                        its lock is renewed, so no other worker gets it
 *
 * Neither counts while Redis is full. Due are also jobs whose time has come and that still lie among the delayed ones: it is
 * the workers who move them.
 */
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Clock } from '../platform/clock.ts';
import type { HealthCheck } from '../platform/observability/health.ts';
import { dueAmongDelayed } from '../queue/backlog.ts';
import { countsOf } from '../queue/depth.ts';
import { deliveryTimeoutMs } from './jobs/alerts.ts';
import type { QueueWorker } from './jobs/queue-workers.ts';

export interface WatchdogOptions {
  /** Undefined before it has begun. */
  readonly worker: () => Pick<QueueWorker, 'lastStart' | 'running' | 'oldestStart' | 'refusedAt'> | undefined;
  readonly queue: Pick<Queue, 'getJobCounts' | 'toKey' | 'isPaused'>;
  readonly redis: Pick<Redis, 'zcount'>;
  readonly concurrency: number;
  /** Bound of one job in milliseconds. */
  readonly jobTimeoutMs: number;
  readonly clock: Pick<Clock, 'now'>;
}

const silentMs = 60_000;
/** What a job may take after its bound: releasing its lease and writing its journal. */
const marginMs = 60_000;

export function createWatchdog(options: WatchdogOptions): HealthCheck {
  const { worker, clock, concurrency, jobTimeoutMs } = options;
  return async () => {
    const watched = worker();
    if (watched === undefined) return undefined;
    const now = clock.now();
    const runsForMs = now - (watched.oldestStart() ?? now);
    const isHung = runsForMs > jobTimeoutMs + marginMs;
    const isSilent = watched.running() < concurrency && now - watched.lastStart() >= silentMs;
    if ((!isHung && !isSilent) || isRefused(watched.refusedAt(), now)) return undefined;
    const due = await dueJobs(options);
    if (due === undefined) return undefined;
    if (isHung) return `a job has run for ${runsForMs} ms, and its bound is ${jobTimeoutMs} ms`;
    return due === 0 ? undefined : `${due} jobs are due and none has begun for ${silentMs} ms`;
  };
}

/** By a Redis that is full: nothing begins then, what waits for room to note its end goes on, and a restart makes none. */
const isRefused = (refusedAt: number | undefined, now: number): boolean =>
  refusedAt !== undefined && Math.abs(now - refusedAt) < silentMs;

/** Undefined without Redis: nothing can begin or end then, and a restart would not help. */
async function dueJobs({ queue, redis, clock }: WatchdogOptions): Promise<number | undefined> {
  try {
    const [{ waiting }, longDue, isPaused] = await Promise.all([
      countsOf(queue),
      dueAmongDelayed({ queue, redis }, clock.now() - silentMs),
      queue.isPaused(),
    ]);
    return isPaused ? 0 : waiting + longDue;
  } catch {
    return undefined;
  }
}

export interface LivenessOptions {
  /** Of steps and of alerts; empty before they begin. */
  readonly workers: readonly QueueWorker[];
  readonly queues: Readonly<Record<'steps' | 'alerts', WatchdogOptions['queue']>>;
  readonly redis: WatchdogOptions['redis'];
  readonly stepConcurrency: number;
  readonly alertConcurrency: number;
  readonly stepTimeoutMs: number;
  readonly clock: Pick<Clock, 'now'>;
}

/** For /healthz of a process that works on both queues. */
export function createLiveness(options: LivenessOptions): Readonly<Record<'steps' | 'alerts', HealthCheck>> {
  const { workers, queues, redis, stepConcurrency, alertConcurrency, stepTimeoutMs, clock } = options;
  return {
    steps: createWatchdog({
      worker: () => workers[0],
      queue: queues.steps,
      redis,
      concurrency: stepConcurrency,
      jobTimeoutMs: stepTimeoutMs,
      clock,
    }),
    alerts: createWatchdog({
      worker: () => workers[1],
      queue: queues.alerts,
      redis,
      concurrency: alertConcurrency,
      jobTimeoutMs: deliveryTimeoutMs,
      clock,
    }),
  };
}
