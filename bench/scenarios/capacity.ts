/**
 * A hundred thousand canaries, without a cluster: the resident scheduler with a generated source, a real Redis with all of
 * their jobs, and real workers whose steps do nothing but note how late they are.
 */
import { systemClock as clock } from '../../platform/clock.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { countsOf } from '../../queue/depth.ts';
import { openStepQueue } from '../../queue/step-queue.ts';
import { startLoneRedis } from '../../sandbox/lone-redis.ts';
import type { Progress } from '../../sandbox/progress.ts';
import { measureDepth } from '../capacity/depth.ts';
import { askQuestions } from '../capacity/questions.ts';
import { openProbe } from '../capacity/redis-probe.ts';
import type { RedisProbe } from '../capacity/redis-probe.ts';
import type { CapacityResult, WithMemory } from '../capacity/result.ts';
import { startScheduler, usualTiming } from '../capacity/scheduler.ts';
import type { Scheduler, SchedulerTiming } from '../capacity/scheduler.ts';
import { measureSteady } from '../capacity/steady.ts';
import { startWorkers } from '../capacity/worker.ts';
import { redisVersion } from '../measure/redis-memory.ts';
import { describeMachine, noKubernetes } from '../report/machine.ts';
import type { Machine } from '../report/machine.ts';
import { redisPrefix as prefix } from '../stage/aviary.ts';

export interface CapacityOptions {
  /** How many canaries are simulated; 100,000 unless told. */
  readonly size?: number | undefined;
  readonly workers: number;
  /** Seconds that everyday work is measured. */
  readonly window: number;
  /** Of the scheduler; as it has it unless told. */
  readonly timing?: SchedulerTiming;
  /** How many ticks it has before there are workers; three unless told. */
  readonly ticksAlone?: number;
}

/** As the project's manifest runs Redis. */
const redisSettings = ['--hz', '100', '--appendonly', 'yes', '--appendfsync', 'everysec'];
const mostBacklog = 20_000;
const usualSize = 100_000;
const defaults = { timing: usualTiming, ticksAlone: 3 };

interface Simulation extends Required<Omit<CapacityOptions, 'size'>> {
  readonly size: number;
  readonly url: string;
  readonly probe: RedisProbe;
  readonly progress: Progress;
}

export interface CapacityOutcome {
  readonly machine: Machine;
  readonly result: CapacityResult;
}

export async function measureCapacity(progress: Progress, options: CapacityOptions): Promise<CapacityOutcome> {
  const redis = await startLoneRedis({ settings: redisSettings });
  const probe = openProbe(redis.url);
  try {
    const machine = describeMachine({ kubernetes: noKubernetes, redis: await redisVersion(probe.redis) });
    return {
      machine,
      result: await simulate({
        ...defaults,
        ...options,
        size: options.size ?? usualSize,
        url: redis.url,
        probe,
        progress,
      }),
    };
  } finally {
    probe.close();
    await redis.end();
  }
}

/** Says what was measured at once: it takes minutes until the last part is. */
async function told<T>(progress: Progress, label: string, measure: () => Promise<T>): Promise<T> {
  const result = await progress.during(label, measure);
  progress.say(JSON.stringify(result));
  return result;
}

async function simulate(simulation: Simulation): Promise<CapacityResult> {
  const { url, probe, progress, size: canaries } = simulation;
  const backlog = Math.min(canaries, mostBacklog);
  const depth = await told(progress, `a queue of ${canaries} jobs`, () =>
    measureDepth({ url, probe, canaries, backlog }),
  );
  const rest = await withScheduler(simulation, canaries, (scheduler) => atFullSize(simulation, scheduler));
  const tenth = await withScheduler(simulation, Math.ceil(canaries / 10), (scheduler) =>
    everyday(simulation, { scheduler, canaries: Math.ceil(canaries / 10) }),
  );
  return { canaries, depth, ...rest, tenth };
}

/** On an emptied Redis. */
async function withScheduler<T>(
  { url, probe, timing }: Simulation,
  canaries: number,
  work: (scheduler: Scheduler) => Promise<T>,
): Promise<T> {
  await probe.redis.flushall();
  const scheduler = startScheduler({ url, canaries, timing });
  try {
    return await work(scheduler);
  } finally {
    await scheduler.end();
  }
}

type AtFullSize = Pick<CapacityResult, 'first' | 'later' | 'questions' | 'full'>;

async function atFullSize(simulation: Simulation, scheduler: Scheduler): Promise<AtFullSize> {
  const { url, probe, progress, size: canaries, ticksAlone } = simulation;
  const first = await told(progress, 'first tick', () => measureFirst(simulation, scheduler));
  const later = await told(progress, `${ticksAlone} ticks without workers`, () =>
    probe.during(() => scheduler.tick(1 + ticksAlone)),
  );
  const ticks = scheduler.ticks().slice(1, 1 + ticksAlone);
  const questions = await told(progress, 'questions to the queue', () => askQuestions(url, probe));
  const full = await everyday(simulation, { scheduler, canaries });
  return { first, later: { ticks, span: later.span }, questions, full };
}

async function measureFirst({ probe }: Simulation, scheduler: Scheduler): Promise<CapacityResult['first']> {
  const { result: tick, span } = await probe.during(() => scheduler.tick(1));
  const queue = openStepQueue({ redis: probe.redis, prefix, log });
  try {
    return { tick, span, jobs: await countsOf(queue), redisMiB: await probe.memory() };
  } finally {
    await queue.close();
  }
}

interface Everyday {
  readonly scheduler: Scheduler;
  readonly canaries: number;
}

async function everyday(simulation: Simulation, { scheduler, canaries }: Everyday): Promise<WithMemory> {
  const { url, probe, progress, window, timing, workers: processes } = simulation;
  await scheduler.tick(1);
  const workers = await startWorkers({ url, processes, kind: 'rest' });
  try {
    await workers.begin();
    // Until what was added before the workers came has been worked off, or swept away.
    await clock.sleep(timing.horizonMs + timing.tickMs);
    const label = `everyday work of ${canaries} canaries, ${window} s`;
    const steady = await told(progress, label, () =>
      measureSteady({ url, probe, canaries, scheduler, workers, window }),
    );
    return { ...steady, memory: await scheduler.memory() };
  } finally {
    await workers.end();
  }
}
