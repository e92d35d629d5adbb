/**
 * Remembers which slots this process has added, so that a tick adds only what is new: of the 25,000 slots in the window of
 * 10,000 canaries, the 10,000 that have come into it.
 *
 * To be wrong is harmless. Adding a slot again changes nothing, and one that is missing although it is remembered (Redis
 * lost the last second of its log) is added when it is its canary's turn: in each tick another part of the canaries has all of
 * its slots added again. All at once would be a tick of its own kind, several times as long as the others, once a minute.
 */
import type { QueueLife } from '../queue/queue-life.ts';
import { slotJobId } from '../queue/step-job.ts';
import type { DueStep, StepQueue } from '../queue/step-queue.ts';

export interface AddedSlotsOptions {
  readonly queue: Pick<StepQueue, 'addDue'>;
  readonly life: QueueLife;
  /** Within so many calls everything is added again. Default 6: once a minute with ticks every ten seconds. */
  readonly againWithin?: number;
}

export interface AddedSlots extends Pick<StepQueue, 'addDue'> {
  /** For when the connection was lost: nobody knows what a Redis that comes back still has. */
  forget(): void;
}

const defaultAgainWithin = 6;

/** A queue before the queue: slots that are known to be there are not sent again, until Redis is seen to have been emptied. */
export function createAddedSlots({ queue, life, againWithin = defaultAgainWithin }: AddedSlotsOptions): AddedSlots {
  let known: { readonly life: string; readonly ids: ReadonlySet<string> } | undefined;
  let calls = 0;
  let losses = 0;
  return {
    addDue: async (steps) => {
      const lossesBefore = losses;
      const current = await life();
      const before = known?.life === current ? known.ids : nothing;
      const turn = calls % againWithin;
      const isWanted = (step: DueStep, id: string): boolean => !before.has(id) || turnOf(step, againWithin) === turn;
      const ids = steps.map(slotJobId);
      // Forgotten until all is added: a call that fails leaves nothing to rely on.
      known = undefined;
      await queue.addDue(steps.filter((step, index) => isWanted(step, ids[index] ?? '')));
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

/** In which of so many calls a canary has its slots added again, from 0: the same for all of them, and evenly dealt. */
function turnOf({ canary: { uid } }: DueStep, turns: number): number {
  let mixed = 0;
  for (let index = 0; index < uid.length; index += 1) mixed = (Math.imul(mixed, 31) + uid.charCodeAt(index)) >>> 0;
  return mixed % turns;
}

const nothing: ReadonlySet<string> = new Set();
