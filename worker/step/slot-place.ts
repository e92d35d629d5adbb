/** Where a job stands in the slots of its canary. */
import { dueAt, isRenumbered, positionOf, slotAt } from '../../canary/slot.ts';
import type { Rhythm } from '../../canary/slot.ts';
import type { SkipReason, StepJob } from '../../queue/step-job.ts';

/** Epoch milliseconds. */
export interface SlotTimes {
  readonly dueAt: number;
  readonly endsAt: number;
}

/** No step is taken now. */
export type NotNow =
  | { readonly kind: 'skipped'; readonly reason: SkipReason }
  /** Not due yet; epoch milliseconds. */
  | { readonly kind: 'early'; readonly dueAt: number };

export type SlotPlace = { readonly kind: 'current'; readonly slot: number } | NotNow;

/** Epoch milliseconds. */
export interface Arrival {
  readonly now: number;
  /** When a worker first came to the job: earlier than now where it was put back since. */
  readonly cameAt: number;
}

/** A wake takes whatever slot is current; a slot's own job only that slot. */
export function placeOf(job: StepJob, rhythm: Rhythm, { now, cameAt }: Arrival): SlotPlace {
  if (job.slot === undefined) return { kind: 'current', slot: slotAt(rhythm, now) };
  const position = positionOf(rhythm, job.slot, now);
  switch (position.kind) {
    case 'current':
      return { kind: 'current', slot: job.slot };
    case 'passed':
      if (isRenumbered(rhythm, job.slot, now)) return { kind: 'skipped', reason: 'slotRenumbered' };
      return { kind: 'skipped', reason: cameAt < dueAt(rhythm, job.slot + 1) ? 'canaryBusy' : 'slotPassed' };
    case 'early':
      // Clocks differ by little; a slot that is further away was numbered by another interval.
      return position.dueAt - now > rhythm.intervalMs ? { kind: 'skipped', reason: 'slotRenumbered' } : position;
    default:
      return position satisfies never;
  }
}

/** From when to when a slot is current. */
export const timesOf = (rhythm: Rhythm, slot: number): SlotTimes => ({
  dueAt: dueAt(rhythm, slot),
  endsAt: dueAt(rhythm, slot + 1),
});

/** The slot that a job counts for. Also one that was missed: where workers are too few for any slot, the lag has to show. */
export function slotOf(job: StepJob, rhythm: Rhythm, place: SlotPlace): SlotTimes | undefined {
  const isMissed = place.kind === 'skipped' && place.reason !== 'slotRenumbered';
  const slot = place.kind === 'current' ? place.slot : job.slot;
  return slot === undefined || (place.kind !== 'current' && !isMissed) ? undefined : timesOf(rhythm, slot);
}

/**
 * Time until a canary that is being deleted, or that owes a roll-back, is looked at again: a share of its interval, within
 * bounds in milliseconds.
 */
const lookShare = 0.1;
const leastLookMs = 1_000;
export const mostLookMs = 5_000;

/** When, in epoch milliseconds, the same job goes on; after the slot it is the next one's. */
export function nextLookAt(slot: SlotTimes | undefined, now: number): number | undefined {
  if (slot === undefined) return undefined;
  const share = lookShare * (slot.endsAt - slot.dueAt);
  return within(slot, now + Math.min(Math.max(share, leastLookMs), mostLookMs));
}

/** Milliseconds. Longer, and a short step would come too late to keep its distance from the next slot's: nothing were won. */
const firstTryMs = 500;

/**
 * When, in epoch milliseconds, a step that was overtaken is tried again: each time after as long again as its job has been
 * tried, so that somebody who never stops writing costs a few tries per slot, however long that is.
 */
export function nextTryAt(slot: SlotTimes | undefined, { now, cameAt }: Arrival): number | undefined {
  return slot === undefined ? undefined : within(slot, now + Math.max(firstTryMs, now - cameAt));
}

const within = ({ endsAt }: SlotTimes, next: number): number | undefined => (next < endsAt ? next : undefined);
