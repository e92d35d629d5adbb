/** A job whose step can't be taken now, or is not at its end: it comes again, and knows then that a worker had come to it before. */
import { DelayedError } from 'bullmq';
import { stepJobData } from '../../queue/step-job.ts';
import type { StepJob, StepJobData } from '../../queue/step-job.ts';
import type { CausedJob } from './job-trace.ts';
import { nextLookAt, nextTryAt } from '../step/slot-place.ts';
import type { Arrival, SlotTimes } from '../step/slot-place.ts';
import type { TurnEnd } from '../step/take-step.ts';

/** What the processor needs of a BullMQ job. */
export interface RunningJob extends CausedJob {
  readonly data?: Partial<Pick<StepJobData, 'seen' | 'busyAt'>>;
  log(line: string): Promise<unknown>;
  updateData(data: StepJobData): Promise<void>;
  moveToDelayed(timestamp: number, token?: string): Promise<void>;
}

/** Milliseconds until a job looks again whether its canary is free. */
export const busyDelayMs = 500;

/** When a worker first came to the job: earlier than now where it was put back since. */
export const firstArrival = (job: RunningJob, now: number): number => job.data?.busyAt ?? now;

/**
 * Kept with the job: a slot that passes meanwhile passes because of its canary, not because workers are too few.
 * Never rejects, as in a full Redis: the job has to be put back all the same.
 */
export async function noteArrival(job: RunningJob, step: StepJob, cameAt: number): Promise<void> {
  if (job.data?.busyAt !== undefined) return;
  const data = { ...stepJobData(step.canary, job.data?.seen), busyAt: cameAt };
  await job.updateData(data).catch(() => undefined);
}

type Taken = Pick<Extract<TurnEnd, { kind: 'taken' }>, 'outcome' | 'owesRollback'>;

/** When, in epoch milliseconds, the job of a step goes on with it; undefined when the step is at its end, or its slot by then. */
export function againAt(end: Taken, slot: SlotTimes | undefined, arrival: Arrival): number | undefined {
  // Who was overtaken has decided nothing: the slot is still to be taken, of the Canary as it is now.
  if (end.outcome === 'conflict') return nextTryAt(slot, arrival);
  const isUnfinished = end.outcome === 'terminating' || end.owesRollback === true;
  return isUnfinished ? nextLookAt(slot, arrival.now) : undefined;
}

export interface Wanted {
  /** Epoch milliseconds. */
  readonly until: number;
  readonly token: string | undefined;
}

/** @throws DelayedError, always: so BullMQ learns that the job was put back and not done */
export async function postpone(job: RunningJob, wanted: Wanted): Promise<never> {
  await job.moveToDelayed(wanted.until, wanted.token);
  throw new DelayedError();
}
