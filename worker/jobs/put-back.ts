/** A job whose step can't be taken now: it comes again, and knows then that a worker had come to it before. */
import { DelayedError } from 'bullmq';
import { stepJobData } from '../../queue/step-job.ts';
import type { StepJob, StepJobData } from '../../queue/step-job.ts';
import type { CausedJob } from './job-trace.ts';

/** What the processor needs of a BullMQ job. */
export interface RunningJob extends CausedJob {
  readonly data?: Partial<Pick<StepJobData, 'seen' | 'busyAt'>>;
  log(line: string): Promise<unknown>;
  updateData(data: StepJobData): Promise<void>;
  moveToDelayed(timestamp: number, token?: string): Promise<void>;
}

/** When a worker first came to the job: earlier than now where another step was at its canary. */
export const firstArrival = (job: RunningJob, now: number): number => job.data?.busyAt ?? now;

/**
 * Kept with the job: a slot that passes meanwhile passes because of its canary, not because workers are too few.
 * Never rejects, as in a full Redis: the job has to be put back all the same.
 */
export async function noteArrival(job: RunningJob, step: StepJob, cameAt: number): Promise<void> {
  if (step.slot === undefined || job.data?.busyAt !== undefined) return;
  const data = { ...stepJobData(step.canary, job.data?.seen), busyAt: cameAt };
  await job.updateData(data).catch(() => undefined);
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
