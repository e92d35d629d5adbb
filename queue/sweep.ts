/** Takes jobs out of the queue that would do nothing: with no worker there, they would pile up for as long as it lasts. */
import type { Queue } from 'bullmq';
import pLimit from 'p-limit';
import { keyText, parseStepJobId } from './step-job.ts';
import type { StepJob, StepJobData } from './step-job.ts';

type SweptQueue = Pick<Queue<StepJobData>, 'getRanges' | 'getJob' | 'remove'>;

/** When the slot of a job ended, in epoch milliseconds, or that it has another number by now; undefined: it has not ended. */
export type PassedAt = (job: StepJob) => Passed | undefined;
export type Passed = number | 'renumbered';

export interface Sweep {
  readonly passedAt: PassedAt;
  /** So many of the delayed jobs are due. */
  readonly overdue: number;
}

const pageSize = 2_000;
/** Questions and removals that are under way at the same time. */
const atOnce = 100;

export interface Swept {
  /** So many jobs are gone whose slot has passed before a worker came to them. */
  readonly missed: number;
  /** So many wait whose slot is current: wakes are not among them. */
  readonly current: number;
}

/**
 * Removes the jobs that wait although their slot has passed, and of several wakes of one canary all but two: the one that
 * comes first, and the newest, which alone tells what its step must have seen. One that a worker takes meanwhile stays.
 */
export async function sweepWaiting(queue: SweptQueue, { passedAt, overdue }: Sweep): Promise<Swept> {
  // While pages are read, jobs move on or come in before others: one may be met twice.
  const waiting = new Set([...(await waitingIds(queue)), ...(await overdueIds(queue, overdue))]);
  const passed = new Map<string, Passed>();
  let current = 0;
  const wakes = new Map<string, string[]>();
  for (const id of waiting) {
    const job = parseStepJobId(id);
    const endedAt = passedAt(job);
    if (job.slot === undefined) {
      const key = `${job.name} ${keyText(job.canary)}`;
      wakes.set(key, [...(wakes.get(key) ?? []), id]);
    } else if (endedAt !== undefined) {
      passed.set(id, endedAt);
    } else {
      current += 1;
    }
  }
  const needless = await needlessWakes(queue, [...wakes.values()]);
  await pLimit(atOnce).map(needless, (id) => queue.remove(id));
  const missed = await pLimit(atOnce).map([...passed], (one) => removePassed(queue, one));
  return { missed: missed.filter(Boolean).length, current };
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

/**
 * @returns whether it was there, and no worker had come to it in time: one that waits for its own canary is not missed, nor
 *   is one of an interval that was edited
 */
async function removePassed(queue: SweptQueue, [id, endedAt]: readonly [string, Passed]): Promise<boolean> {
  const job = await queue.getJob(id);
  const isRemoved = (await queue.remove(id)) > 0;
  return isRemoved && endedAt !== 'renumbered' && (job?.data.busyAt ?? endedAt) >= endedAt;
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
