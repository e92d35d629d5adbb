/** Takes jobs out of the queue that would do nothing: with no worker there, they would pile up for as long as it lasts. */
import type { Queue } from 'bullmq';
import { keyText, parseStepJobId } from './step-job.ts';
import type { StepJob } from './step-job.ts';

type SweptQueue = Pick<Queue, 'getRanges' | 'remove'>;

export interface Sweep {
  readonly hasPassed: (job: StepJob) => boolean;
  /** So many of the delayed jobs are due. */
  readonly overdue: number;
}

const pageSize = 2_000;
/** Removals that are under way at the same time. */
const atOnce = 100;

/**
 * Removes the jobs that wait although their slot has passed, and of several wakes of one canary all but the first. One that a
 * worker takes meanwhile stays.
 *
 * @returns how many jobs that had a slot are gone
 */
export async function sweepWaiting(queue: SweptQueue, { hasPassed, overdue }: Sweep): Promise<number> {
  const woken = new Set<string>();
  const isUseless = (job: StepJob): boolean => {
    if (job.slot !== undefined) return hasPassed(job);
    const key = `${job.name} ${keyText(job.canary)}`;
    if (woken.has(key)) return true;
    woken.add(key);
    return false;
  };
  const waiting = [...(await waitingIds(queue)), ...(await overdueIds(queue, overdue))];
  const useless = waiting.filter((id) => isUseless(parseStepJobId(id)));
  for (let start = 0; start < useless.length; start += atOnce) {
    await Promise.all(useless.slice(start, start + atOnce).map((id) => queue.remove(id)));
  }
  return useless.filter((id) => parseStepJobId(id).slot !== undefined).length;
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
