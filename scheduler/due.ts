/** Which steps are due around a moment. Pure: the scheduler's whole decision. */
import type { Schedule } from '../canary/schedule.ts';
import { dueAt, shuffleRank, slotAt, slotsWithin } from '../canary/slot.ts';
import type { DueStep } from '../queue/step-queue.ts';

/** How far a tick looks. A tick that looks further than the next one is away leaves no gap when that one is late. */
export interface Window {
  /** Epoch milliseconds. */
  readonly now: number;
  /** A slot that fell due within this many milliseconds and is still current is due again: its job may have been lost. */
  readonly lookbackMs: number;
  readonly horizonMs: number;
}

type Unranked = Omit<DueStep, 'position'> & { readonly rank: number };

/**
 * Every slot in the window of every canary that is not idle.
 *
 * A step's position is its canary's place within the namespace, counted anew for each round of slots, so namespaces
 * take turns when the workers are short. The order within a namespace is shuffled in every slot: what has to wait is
 * not the same canary each time.
 */
export function dueSteps(schedules: Iterable<Schedule>, window: Window): readonly DueStep[] {
  const batches = new Map<string, Unranked[]>();
  for (const schedule of schedules) {
    for (const [round, step] of stepsOf(schedule, window).entries()) {
      const key = `${schedule.namespace}/${round}`;
      const batch = batches.get(key);
      if (batch === undefined) batches.set(key, [step]);
      else batch.push(step);
    }
  }
  return [...batches.values()].flatMap(positioned);
}

function stepsOf(schedule: Schedule, { now, lookbackMs, horizonMs }: Window): readonly Unranked[] {
  if (schedule.idle) return [];
  const { namespace, name, uid, rhythm, leaving } = schedule;
  const canary = { namespace, name, uid };
  const job = leaving ? 'finalize' : 'step';
  const justBeforeCurrent = dueAt(rhythm, slotAt(rhythm, now)) - 1;
  const span = { after: Math.max(justBeforeCurrent, now - lookbackMs), until: now + horizonMs };
  return slotsWithin(rhythm, span).map((slot) => ({
    name: job,
    canary,
    slot,
    dueAt: dueAt(rhythm, slot),
    rank: shuffleRank(rhythm, slot),
  }));
}

const positioned = (batch: readonly Unranked[]): readonly DueStep[] =>
  batch
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ rank: _rank, ...step }, index) => ({ ...step, position: index + 1 }));
