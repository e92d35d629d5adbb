/** A queue that is really as deep as so many canaries make it: what lies there, and what is added, taken and finished. */
import { Worker } from 'bullmq';
import type { Job } from 'bullmq';
import { dueAt, slotAt } from '../../canary/slot.ts';
import { systemClock as clock } from '../../platform/clock.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { createRedis } from '../../platform/redis/redis.ts';
import { stepsQueue } from '../../queue/queue-names.ts';
import { createStepQueue } from '../../queue/step-queue.ts';
import type { DueStep, StepQueue } from '../../queue/step-queue.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { cpuSeconds } from '../measure/processes.ts';
import { redisPrefix as prefix } from '../stage/aviary.ts';
import { hourlyKeyOf, hourlyRhythm } from './population.ts';
import type { RedisProbe, RedisSpan } from './redis-probe.ts';
import { startWorkers } from './worker.ts';
import type { StepKind, Workers } from './worker.ts';

/** So many jobs of one kind of work, and what they cost. */
export interface Work {
  readonly jobs: number;
  readonly span: RedisSpan;
}

export interface Drain extends Work {
  readonly kind: StepKind;
  readonly processes: number;
  /** Jobs finished in a second, from the first to the last. */
  readonly perSecond: number;
  /** Milliseconds of processor time that a job cost the worker processes. */
  readonly workerCpuMs: number;
}

export interface DepthResult {
  readonly added: Work;
  /** Bytes of Redis for a job that waits, and for one that has ended and is kept. */
  readonly bytesWaiting: number;
  readonly bytesFinished: number;
  /** By hand, with nobody else there. */
  readonly taken: Work;
  readonly finished: Work;
  readonly drains: readonly Drain[];
}

export interface DepthOptions {
  readonly url: string;
  readonly probe: RedisProbe;
  /** Jobs that lie there all the time, due in an hour. */
  readonly canaries: number;
  /** Jobs that are due at once for each measurement of workers. */
  readonly backlog: number;
}

const mebibyte = 2 ** 20;
const hourMs = 3_600_000;

export async function measureDepth(options: DepthOptions): Promise<DepthResult> {
  const { url, probe, canaries, backlog } = options;
  const redis = createRedis({ url, role: 'consumer', connectionName: 'bench-producer', log });
  const queue = createStepQueue({ redis, prefix, log, clock });
  try {
    const before = await probe.memory();
    const { span } = await probe.during(() => queue.addDue(stepsOf({ count: canaries, inHours: 1 })));
    const added: Work = { jobs: canaries, span };
    const bytesWaiting = (((await probe.memory()) - before) * mebibyte) / canaries;
    const { taken, finished } = await measureByHand({ ...options, queue });
    const drains: Drain[] = [];
    for (const [processes, kind] of drainKinds) drains.push(await drain({ ...options, queue }, { processes, kind }));
    const ended = finished.jobs + drains.length * backlog;
    // What was there before is there still; the rest has ended.
    const bytesFinished = (((await probe.memory()) - before) * mebibyte - canaries * bytesWaiting) / ended;
    return { added, bytesWaiting, bytesFinished, taken, finished, drains };
  } finally {
    await queue.close();
    redis.disconnect();
  }
}

const drainKinds = [
  [1, 'rest'],
  [2, 'rest'],
  [4, 'rest'],
  [2, 'step'],
] as const;

let begun = 0;

/** Each call makes up canaries that were not there before. */
function stepsOf({ count, inHours }: { readonly count: number; readonly inHours: number }): readonly DueStep[] {
  const from = begun;
  begun += count;
  const now = clock.now() + inHours * hourMs;
  return Array.from({ length: count }, (_, index) => {
    const rhythm = hourlyRhythm(from + index);
    const slot = slotAt(rhythm, now);
    return {
      name: 'step',
      canary: hourlyKeyOf(from + index),
      slot,
      dueAt: inHours === 0 ? now : Math.max(now, dueAt(rhythm, slot)),
      position: 1 + (index % positions),
    };
  });
}

/** As many turns as a namespace has canaries. */
const positions = 200;

interface Filled extends DepthOptions {
  readonly queue: StepQueue;
}

const handfuls = 2_000;
const atOnce = 50;

/** Workers do both in one script, so the parts can only be told apart by hand. */
async function measureByHand({ url, probe, queue }: Filled): Promise<Pick<DepthResult, 'taken' | 'finished'>> {
  await queue.addDue(stepsOf({ count: handfuls, inHours: 0 }));
  const redis = createRedis({ url, role: 'consumer', connectionName: 'bench-hands', log });
  const worker = new Worker(stepsQueue, undefined, {
    connection: redis,
    prefix,
    autorun: false,
    lockDuration: 60_000,
    removeOnComplete: { age: 180 },
  });
  const token = 'by-hand';
  try {
    await worker.waitUntilReady();
    const take = await probe.during(() => inHandfuls(() => worker.getNextJob(token, { block: false })));
    const jobs = take.result.filter((job): job is Job => job !== undefined);
    if (jobs.length !== handfuls) throw new Error(`by hand: expected ${handfuls} jobs, got ${jobs.length}`);
    const left = [...jobs];
    const end = await probe.during(() => inHandfuls(async () => left.pop()?.moveToCompleted({}, token, false)));
    return { taken: { jobs: handfuls, span: take.span }, finished: { jobs: handfuls, span: end.span } };
  } finally {
    await worker.close();
    redis.disconnect();
  }
}

async function inHandfuls<T>(act: () => Promise<T>): Promise<readonly T[]> {
  const results: T[] = [];
  while (results.length < handfuls) results.push(...(await Promise.all(Array.from({ length: atOnce }, act))));
  return results;
}

interface Crew {
  readonly processes: number;
  readonly kind: StepKind;
}

async function drain({ url, probe, queue, backlog }: Filled, { processes, kind }: Crew): Promise<Drain> {
  await queue.addDue(stepsOf({ count: backlog, inHours: 0 }));
  const workers = await startWorkers({ url, processes, kind });
  const cpu = (): number => workers.pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
  try {
    const cpuBefore = cpu();
    const { span } = await probe.during(async () => {
      await workers.begin();
      await untilCounted(workers, backlog);
    });
    const workerCpuMs = ((cpu() - cpuBefore) * 1_000) / backlog;
    const ends = (await workers.taken()).map(({ finishedAt }) => finishedAt);
    const { first, last } = boundsOf(ends);
    const perSecond = (backlog * 1_000) / Math.max(1, last - first);
    return { kind, processes, jobs: backlog, perSecond, workerCpuMs, span };
  } finally {
    await workers.end();
  }
}

const untilCounted = (workers: Workers, count: number): Promise<true> =>
  waitFor({
    what: `${count} jobs to be worked off`,
    seconds: 240,
    every: 100,
    look: async () => ((await workers.count()) >= count ? true : undefined),
    explain: async () => `${await workers.count()} are`,
  });

/** Not by spreading: there are too many for the arguments of one call. */
function boundsOf(values: readonly number[]): { readonly first: number; readonly last: number } {
  let [first, last] = [Infinity, -Infinity];
  for (const value of values) {
    first = Math.min(first, value);
    last = Math.max(last, value);
  }
  return { first, last };
}
