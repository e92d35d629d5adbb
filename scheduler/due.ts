/** Which steps are due around a moment. Pure: the scheduler's whole decision. */
import type { Schedule } from '../canary/schedule.ts';
import { dueAt, isTaken, shuffleRank, slotAt, slotsWithin } from '../canary/slot.ts';
import type { Rhythm } from '../canary/slot.ts';
import type { DueStep } from '../queue/step-queue.ts';
import { turnOf } from '../queue/turns.ts';
import type { Weights } from '../queue/turns.ts';

/** How far a tick looks. A tick that looks further than the next one is away leaves no gap when that one is late. */
export interface Window {
  /** Epoch milliseconds. */
  readonly now: number;
  /** A slot that fell due within this many milliseconds and is still current is due again: its job may have been lost. */
  readonly lookbackMs: number;
  readonly horizonMs: number;
  /** A roll-back and a deletion are not held up by it. Default: not at all. */
  readonly stretch?: Stretch | undefined;
}

/** How far intervals are stretched. */
export interface Stretch {
  /** One in so many slots is due, from 1. */
  readonly ratio: number;
  /**
   * Another ratio for the slots up to `until` (epoch milliseconds): what it has left out is not made up for once intervals
   * are shorter again, or each step back would be a burst.
   */
  readonly earlier?: { readonly ratio: number; readonly until: number } | undefined;
}

type Unranked = Omit<DueStep, 'position'> & { readonly rank: number; readonly isUrgent: boolean };

/**
 * Every slot in the window of every canary that is not idle.
 *
 * A step's position is the turn of its namespace in which its canary goes, counted anew for each round of slots, so
 * namespaces take turns when the workers are short: in each turn one canary, or as many as the namespace weighs. The
 * order within a namespace is shuffled in every slot: what has to wait is not the same canary each time.
 */
export function dueSteps(
  schedules: Iterable<Schedule>,
  window: Window,
  weights: Weights = new Map(),
): readonly DueStep[] {
  const batches = new Map<string, Unranked[]>();
  for (const schedule of schedules) {
    for (const [round, step] of stepsOf(schedule, window).entries()) {
      const key = `${schedule.namespace}/${round}`;
      const batch = batches.get(key);
      if (batch === undefined) batches.set(key, [step]);
      else batch.push(step);
    }
  }
  return [...batches.values()].flatMap((batch) => positioned(batch, weights));
}

function stepsOf(
  schedule: Schedule,
  { now, lookbackMs, horizonMs, stretch = unstretched }: Window,
): readonly Unranked[] {
  if (schedule.idle) return [];
  const { namespace, name, uid, rhythm, leaving, urgent: isUrgent = false } = schedule;
  const canary = { namespace, name, uid };
  const job = leaving ? 'finalize' : 'step';
  const justBeforeCurrent = dueAt(rhythm, slotAt(rhythm, now)) - 1;
  const span = { after: Math.max(justBeforeCurrent, now - lookbackMs), until: now + horizonMs };
  const slots = slotsWithin(rhythm, span).filter((slot) => isUrgent || leaving || isInTurn(rhythm, slot, stretch));
  return slots.map((slot) => ({
    name: job,
    canary,
    slot,
    dueAt: dueAt(rhythm, slot),
    rank: shuffleRank(rhythm, slot),
    isUrgent,
  }));
}

const unstretched: Stretch = { ratio: 1 };

function isInTurn(rhythm: Rhythm, slot: number, { ratio, earlier }: Stretch): boolean {
  const isEarlier = earlier !== undefined && dueAt(rhythm, slot) <= earlier.until;
  return isTaken(rhythm, slot, isEarlier ? earlier.ratio : ratio);
}

/** @param batch of one namespace */
const positioned = (batch: readonly Unranked[], weights: Weights): readonly DueStep[] =>
  batch
    .toSorted((a, b) => Number(b.isUrgent) - Number(a.isUrgent) || a.rank - b.rank)
    .map(({ rank: _rank, ...step }, index) => ({ ...step, position: turnOf(step.canary.namespace, index, weights) }));
