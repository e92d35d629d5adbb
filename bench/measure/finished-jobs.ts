/** The jobs that are done, from the queue itself: when each was due, when it began and what came of it. */
import type { Redis } from 'ioredis';
import { dueAt } from '../../canary/slot.ts';
import { createRedis } from '../../platform/redis/redis.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { parseStepJobId } from '../../queue/step-job.ts';
import { openStepQueue } from '../../queue/step-queue.ts';
import { redisPrefix } from '../stage/aviary.ts';
import type { Inhabitant } from '../world/world.ts';

/** Times in epoch milliseconds. */
export interface FinishedJob {
  readonly id: string;
  readonly kind: 'step' | 'wake' | 'finalize';
  /** `namespace/name` */
  readonly canary: string;
  /** The slot that it worked on; a wake takes the one that is current. */
  readonly slot: number | undefined;
  readonly addedAt: number;
  readonly startedAt: number;
  readonly finishedAt: number;
  /** What the step came to, `skipped <reason>`, or `failed`. */
  readonly outcome: string;
}

type Queue = ReturnType<typeof openStepQueue>;
export type BullJob = Awaited<ReturnType<Queue['getJobs']>>[number];

/** A look into the queue of steps; whoever opens it closes it. */
export interface StepsView {
  readonly queue: Queue;
  readonly redis: Redis;
  /** The jobs that ended at `since` or later, newest first. */
  finished(since: number): Promise<readonly FinishedJob[]>;
  close(): Promise<void>;
}

const pageSize = 1_000;

export function viewSteps(redisUrl: string): StepsView {
  const redis = createRedis({ url: redisUrl, role: 'consumer', connectionName: 'bench', log });
  const queue = openStepQueue({ redis, prefix: redisPrefix, log });
  return {
    queue,
    redis,
    finished: async (since) => {
      const [completed, failed] = await Promise.all([
        pagesSince(queue, 'completed', since),
        pagesSince(queue, 'failed', since),
      ]);
      // While pages are read, newer jobs push the others further back: a few come twice.
      return [...new Map([...completed, ...failed].map((job) => [job.id, job])).values()];
    },
    close: async () => {
      await queue.close();
      redis.disconnect();
    },
  };
}

async function pagesSince(queue: Queue, state: 'completed' | 'failed', since: number): Promise<FinishedJob[]> {
  const found: FinishedJob[] = [];
  for (let start = 0; ; start += pageSize) {
    const jobs = await queue.getJobs([state], start, start + pageSize - 1, false);
    const page = jobs.map(finishedJob).filter((job) => job !== undefined);
    found.push(...page.filter(({ finishedAt }) => finishedAt >= since));
    if (jobs.length === 0 || page.some(({ finishedAt }) => finishedAt < since)) return found;
  }
}

/** @returns undefined for a job that was removed between the look at the list and the look at the job */
export function finishedJob(job: BullJob | undefined): FinishedJob | undefined {
  const { id = '', timestamp = 0, processedOn, finishedOn, returnvalue } = job ?? {};
  if (job === undefined || processedOn === undefined || finishedOn === undefined) return undefined;
  const { name, canary, slot } = parseStepJobId(id);
  return {
    id,
    kind: name,
    canary: `${canary.namespace}/${canary.name}`,
    slot: slot ?? returnvalue?.slot,
    addedAt: timestamp,
    startedAt: processedOn,
    finishedAt: finishedOn,
    outcome: outcomeOf(job),
  };
}

function outcomeOf({ returnvalue }: BullJob): string {
  if (typeof returnvalue !== 'object' || returnvalue === null) return 'failed';
  return returnvalue.outcome === 'skipped' ? `skipped ${returnvalue.reason ?? ''}` : returnvalue.outcome;
}

/** Whether the step was taken. */
export const isRun = ({ outcome }: FinishedJob): boolean => outcome !== 'failed' && !outcome.startsWith('skipped');

/** Milliseconds between the moment a slot was due and the start of its step. */
export const latenessOf = (job: FinishedJob, { rhythm }: Inhabitant): number | undefined =>
  job.kind === 'step' && job.slot !== undefined ? job.startedAt - dueAt(rhythm, job.slot) : undefined;
