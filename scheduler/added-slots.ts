/**
 * Remembers which slots this process has added, so that a tick adds only what is new: of the 25,000 slots in the window of
 * 10,000 canaries, the 10,000 that have come into it.
 *
 * To be wrong is harmless. Adding a slot again changes nothing, and one that is missing although it is remembered (Redis
 * lost the last second of its log) is added by the next full round.
 */
import type { QueueLife } from '../queue/queue-life.ts';
import { slotJobId } from '../queue/step-job.ts';
import type { StepQueue } from '../queue/step-queue.ts';

export interface AddedSlotsOptions {
  readonly queue: Pick<StepQueue, 'addDue'>;
  readonly life: QueueLife;
  /** Every so many calls everything is added again. Default 6: once a minute with ticks every ten seconds. */
  readonly fullEvery?: number;
}

export interface AddedSlots extends Pick<StepQueue, 'addDue'> {
  /** For when the connection was lost: nobody knows what a Redis that comes back still has. */
  forget(): void;
}

const defaultFullEvery = 6;

export function createAddedSlots({ queue, life, fullEvery = defaultFullEvery }: AddedSlotsOptions): AddedSlots {
  let known: { readonly life: string; readonly ids: ReadonlySet<string> } | undefined;
  let calls = 0;
  let losses = 0;
  return {
    addDue: async (steps) => {
      const lossesBefore = losses;
      const current = await life();
      const isFull = calls % fullEvery === 0 || known?.life !== current;
      const before = isFull ? nothing : (known?.ids ?? nothing);
      const ids = steps.map(slotJobId);
      // Forgotten until all is added: a call that fails leaves nothing to rely on.
      known = undefined;
      await queue.addDue(steps.filter((_, index) => !before.has(ids[index] ?? '')));
      calls += 1;
      // What has left the window does not come back.
      if (losses === lossesBefore) known = { life: current, ids: new Set(ids) };
    },
    forget: () => {
      losses += 1;
      known = undefined;
    },
  };
}

const nothing: ReadonlySet<string> = new Set();
