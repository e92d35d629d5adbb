/** How punctual the steps of a span were. Pure. */
import { slotsWithin } from '../../canary/slot.ts';
import type { Span } from '../../canary/slot.ts';
import { nameOf } from '../../platform/kubernetes/object.ts';
import type { Inhabitant } from '../world/world.ts';
import { isRun, latenessOf } from './finished-jobs.ts';
import type { FinishedJob } from './finished-jobs.ts';
import { spreadOf } from './percentile.ts';
import type { Spread } from './percentile.ts';

export interface Punctuality {
  /** Slots that fell due in the span. */
  readonly due: number;
  /** Those in which no step was taken. */
  readonly missed: number;
  /** Milliseconds between the moment a slot was due and the start of its step, of the steps that were taken. */
  readonly lateness: Spread | undefined;
  /** How the jobs of those slots ended. */
  readonly outcomes: Readonly<Record<string, number>>;
}

/** @param jobs at least all jobs of the span's slots: those that ended up to an interval after it too */
export function punctualityOf(
  inhabitants: readonly Inhabitant[],
  jobs: readonly FinishedJob[],
  span: Span,
): Punctuality {
  const due = new Map<string, Inhabitant>();
  for (const inhabitant of inhabitants) {
    for (const slot of slotsWithin(inhabitant.rhythm, span)) due.set(slotName(inhabitant, slot), inhabitant);
  }
  const taken = new Set<string>();
  const lateness: number[] = [];
  const outcomes: Record<string, number> = {};
  for (const job of jobs) {
    const key = `${job.canary} ${job.slot}`;
    const inhabitant = due.get(key);
    if (inhabitant === undefined) continue;
    outcomes[job.outcome] = (outcomes[job.outcome] ?? 0) + 1;
    if (!isRun(job)) continue;
    taken.add(key);
    const late = latenessOf(job, inhabitant);
    if (late !== undefined) lateness.push(late);
  }
  return { due: due.size, missed: due.size - taken.size, lateness: spreadOf(lateness), outcomes };
}

/** Milliseconds after a span: a late step may begin until its slot ends; a moment more for it to be written down. */
export const afterwardsMs = (inhabitants: readonly Inhabitant[]): number =>
  Math.max(...inhabitants.map(({ rhythm }) => rhythm.intervalMs)) + 1_000;

const slotName = (inhabitant: Inhabitant, slot: number): string => `${nameOf(inhabitant)} ${slot}`;
