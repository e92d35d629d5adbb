/** Puts a step that is in the queue already before those of others. */
import { stepJobId } from './step-job.ts';
import type { CanaryKey } from './step-job.ts';
import type { BullStepQueue } from './step-queue.ts';
import { createTurns, priorityOf, urgentPriorities } from './turns.ts';
import type { TurnsOptions } from './turns.ts';

/** Rejects when Redis cannot be asked. */
export type Expedite = (canary: CanaryKey, slot: number) => Promise<void>;

export interface ExpediteOptions extends TurnsOptions {
  readonly queue: Pick<BullStepQueue, 'getJob'>;
}

/**
 * As `addDue` puts an urgent step; one that is not there yet is added as urgent by the tick that adds it. A namespace has
 * so many urgent places only: what it has beyond them keeps the place that it has, or its roll-backs would hold up all
 * others.
 */
export function createExpedite({ queue, ...rest }: ExpediteOptions): Expedite {
  const turns = createTurns(rest);
  return async (canary, slot) => {
    const position = turns.next(canary.namespace);
    if (position > urgentPriorities) return;
    const job = await queue.getJob(stepJobId(canary, slot));
    await job?.changePriority({ priority: priorityOf({ position, isUrgent: true }) });
  };
}
