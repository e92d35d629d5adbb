/** Looks at what the workers leave lying, takes away what has passed, and says how far intervals are stretched. */
import { z } from 'zod';
import type { Schedule } from '../canary/schedule.ts';
import { slotAt } from '../canary/slot.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { PaceStore } from '../queue/pace-store.ts';
import { keyText } from '../queue/step-job.ts';
import type { StepQueue } from '../queue/step-queue.ts';
import { mostStretch, nextPace, startingPace } from './pace.ts';
import type { Load, Pace, PaceTiming } from './pace.ts';

export interface PacingOptions {
  readonly store: PaceStore;
  readonly queue: Pick<StepQueue, 'waiting' | 'sweep'>;
  readonly timing: PaceTiming;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Logger;
}

/** The ratio for a tick over these canaries. Rejects without Redis. */
export type Pacing = (schedules: readonly Schedule[]) => Promise<number>;

export function createPacing(options: PacingOptions): Pacing {
  const { store, timing, clock, log } = options;
  return async (schedules) => {
    const text = await store.read();
    const pace = read(text, timing);
    const left = await leftLying(options, schedules);
    const next = nextPace(pace, { now: clock.now(), ...left, due: dueIn(schedules, pace.ratio, timing) }, timing);
    if (next.ratio !== pace.ratio)
      log.warn({ from: pace.ratio, to: next.ratio, ...left }, 'intervals are stretched anew');
    // Saved anew while it means something, or it would be forgotten.
    if (next !== pace || next.ratio > 1) await store.replace(text, JSON.stringify(next));
    return next.ratio;
  };
}

const schema = z.object({
  ratio: z.number().min(1).max(mostStretch),
  settlesAt: z.number(),
  lateSince: z.number().optional(),
  calmSince: z.number().optional(),
  patienceMs: z.number().positive(),
  trial: z.object({ from: z.number().min(1).max(mostStretch), endsAt: z.number() }).optional(),
});

/** What cannot be read counts as nothing: it was lost, or another version wrote it. */
function read(text: string | undefined, timing: PaceTiming): Pace {
  if (text === undefined) return startingPace(timing);
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return startingPace(timing);
  }
}

/** Of each canary one slot at the most is current, so whatever more waits has passed. */
async function leftLying(
  { queue, clock, log }: PacingOptions,
  schedules: readonly Schedule[],
): Promise<Pick<Load, 'waiting' | 'missed'>> {
  if ((await queue.waiting()) === 0) return { waiting: 0, missed: 0 };
  const byKey = new Map(schedules.map((schedule) => [keyText(schedule), schedule]));
  const now = clock.now();
  const missed = await queue.sweep(({ canary, slot }) => {
    const schedule = byKey.get(keyText(canary));
    return schedule !== undefined && slot !== undefined && slot < slotAt(schedule.rhythm, now);
  });
  if (missed > 0) log.warn({ missed }, 'steps that no worker took in their slot were taken out of the queue');
  return { waiting: await queue.waiting(), missed };
}

/** Canaries of which a slot falls due within a tick. */
function dueIn(schedules: readonly Schedule[], ratio: number, { tickMs }: PaceTiming): number {
  let due = 0;
  for (const { idle, rhythm } of schedules) {
    if (!idle) due += Math.min(1, tickMs / (rhythm.intervalMs * ratio));
  }
  return due;
}
