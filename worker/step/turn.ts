import type { StepJob } from '../../queue/step-job.ts';
import type { SeenLog } from '../reads/seen-versions.ts';
import type { SlotTimes } from './slot-place.ts';
import type { ObserveAction } from './step.ts';

/** What a step is handed by the job that it runs in. */
export interface Turn {
  readonly job: StepJob;
  /** Epoch milliseconds at which a worker first came to the job. */
  readonly cameAt: number;
  /** Epoch milliseconds at which the step is aborted. */
  readonly endsAt: number;
  readonly signal: AbortSignal;
  readonly seen: SeenLog;
  readonly fence: () => Promise<void>;
  readonly observe: ObserveAction;
  /** Told as soon as the slot is known. */
  readonly onSlot: (slot: SlotTimes) => void;
}
