/** Takes jobs out of the queue that would do nothing: with no worker there, they would pile up for as long as it lasts. */
import type { Queue } from 'bullmq';
import pLimit from 'p-limit';
import { keyText, parseStepJobId } from './step-job.ts';
import type { StepJob } from './step-job.ts';

type SweptQueue = Pick<Queue, 'getRanges' | 'getJob' | 'remove'>;

export interface Sweep {
  readonly hasPassed: (job: StepJob) => boolean;
  /** So many of the delayed jobs are due. */
  readonly overdue: number;
}

const pageSize = 2_000;
/** Questions and removals that are under way at the same time. */
const atOnce = 100;

export interface Swept {
  /** So many jobs whose slot has passed are gone. */
  readonly passed: number;
  /** So many wait whose slot is current: wakes are not among them. */
  readonly current: number;
}

/**
 * Removes the jobs that wait although their slot has passed, and of several wakes of one canary all but two: the one that
 * comes first, and the newest, which alone tells what its step must have seen. One that a worker takes meanwhile stays.
 */
export async function sweepWaiting(queue: SweptQueue, { hasPassed, overdue }: Sweep): Promise<Swept> {
  // While pages are read, jobs move on or come in before others: one may be met twice.
  const waiting = new Set([...(await waitingIds(queue)), ...(await overdueIds(queue, overdue))]);
  const passed: string[] = [];
  let current = 0;
  const wakes = new Map<string, string[]>();
  for (const id of waiting) {
    const job = parseStepJobId(id);
    if (job.slot === undefined) {
      const key = `${job.name} ${keyText(job.canary)}`;
      wakes.set(key, [...(wakes.get(key) ?? []), id]);
    } else if (hasPassed(job)) {
      passed.push(id);
    } else {
      current += 1;
    }
  }
  await removeAll(queue, await needlessWakes(queue, [...wakes.values()]));
  return { passed: await removeAll(queue, passed), current };
}

/** @param wakes ids of each canary, in the order in which they would be taken */
async function needlessWakes(queue: SweptQueue, wakes: readonly (readonly string[])[]): Promise<readonly string[]> {
  const later = wakes.filter(({ length }) => length > 2).map(([, ...others]) => others);
  const addedAt = new Map(
    await pLimit(atOnce).map(later.flat(), async (id): Promise<[string, number]> => {
      const job = await queue.getJob(id);
      return [id, job?.timestamp ?? 0];
    }),
  );
  return later.flatMap((ids) => ids.toSorted((a, b) => (addedAt.get(a) ?? 0) - (addedAt.get(b) ?? 0)).slice(0, -1));
}

/** @returns how many were there to be removed */
async function removeAll(queue: SweptQueue, ids: readonly string[]): Promise<number> {
  const removed = await pLimit(atOnce).map(ids, (id) => queue.remove(id));
  return removed.reduce((sum, one) => sum + one, 0);
}

async function waitingIds(queue: SweptQueue): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let start = 0; ; start += pageSize) {
    const page = await queue.getRanges(['prioritized', 'wait'], start, start + pageSize - 1, true);
    ids.push(...page.filter(isOurs));
    if (page.length < pageSize) return ids;
  }
}

/** The first of the delayed ones, in the order in which they are due. */
async function overdueIds(queue: SweptQueue, overdue: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let start = 0; start < overdue; start += pageSize) {
    ids.push(...(await queue.getRanges(['delayed'], start, Math.min(start + pageSize, overdue) - 1, true)));
  }
  return ids.filter(isOurs);
}

const isOurs = (id: string): boolean => /^[swf]\./.test(id);
