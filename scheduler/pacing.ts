/** Looks at what the workers leave lying, takes away what has passed, and says how far intervals are stretched. */
import { z } from 'zod';
import type { Schedule } from '../canary/schedule.ts';
import { dueAt, isRenumbered, slotAt } from '../canary/slot.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/observability/logger.ts';
import type { MissedSlots } from '../queue/missed-slots.ts';
import type { PaceStore } from '../queue/pace-store.ts';
import { keyText } from '../queue/step-job.ts';
import type { StepQueue } from '../queue/step-queue.ts';
import type { Stretch } from './due.ts';
import { isLate } from './lateness.ts';
import type { Load, PaceTiming } from './lateness.ts';
import { mostStretch, nextPace, startingPace } from './pace.ts';
import type { Pace } from './pace.ts';

export interface PacingOptions {
  readonly store: PaceStore;
  readonly queue: Pick<StepQueue, 'waiting' | 'sweep' | 'isAttended'>;
  /** What workers found passed when they came to it; absent: nobody counts. */
  readonly missedSlots?: Pick<MissedSlots, 'take'> | undefined;
  /** Whether the API server answers: without it steps hang, and no worker can help it. Absent: it does. Never rejects. */
  readonly isClusterThere?: (() => Promise<boolean>) | undefined;
  readonly timing: PaceTiming;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Logger;
}

/** How far intervals are stretched for a tick over these canaries. Rejects without Redis. */
export type Pacing = (schedules: readonly Schedule[]) => Promise<Stretch>;

export function createPacing(options: PacingOptions): Pacing {
  const { store, timing, log } = options;
  return async (schedules) => {
    const text = await store.read();
    const pace = read(text, timing);
    const load = await loadOf(options, pace, schedules);
    const next = nextPace(pace, load, timing);
    const { waiting, missed } = load;
    if (next.ratio !== pace.ratio)
      log.warn({ from: pace.ratio, to: next.ratio, waiting, missed }, 'intervals are stretched anew');
    await store.replace(text, JSON.stringify(next));
    return next;
  };
}

async function loadOf(options: PacingOptions, pace: Pace, schedules: readonly Schedule[]): Promise<Load> {
  const { queue, clock, timing, isClusterThere = () => Promise.resolve(true) } = options;
  const left = await leftLying(options, schedules);
  const load = { now: clock.now(), ...left, ...demandOf(schedules, pace.ratio, timing), isAttended: true };
  if (!isLate(load)) return load;
  // Asked only now: where nothing is late somebody has worked, or nothing was due.
  const [hasWorker, hasCluster] = await Promise.all([queue.isAttended(pace.lookedAt ?? load.now), isClusterThere()]);
  return { ...load, isAttended: hasWorker && hasCluster };
}

const schema = z.object({
  ratio: z.number().min(1).max(mostStretch),
  earlier: z.object({ ratio: z.number().min(1).max(mostStretch), until: z.number() }).optional(),
  settlesAt: z.number(),
  lookedAt: z.number().optional(),
  waited: z.number().optional(),
  late: z.object({ since: z.number(), waited: z.number(), missed: z.number(), growth: z.number() }).optional(),
  calmSince: z.number().optional(),
  patienceMs: z.number().positive(),
  trial: z
    .object({ from: z.number().min(1).max(mostStretch), endsAt: z.number(), stride: z.number().min(1) })
    .optional(),
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
  { queue, missedSlots, clock, log }: PacingOptions,
  schedules: readonly Schedule[],
): Promise<Pick<Load, 'waiting' | 'missed'>> {
  const found = (await missedSlots?.take()) ?? 0;
  if ((await queue.waiting()) === 0) return { waiting: 0, missed: found };
  const byKey = new Map(schedules.map((schedule) => [keyText(schedule), schedule]));
  const now = clock.now();
  const { missed, current } = await queue.sweep(({ canary, slot }) => {
    const schedule = byKey.get(keyText(canary));
    if (schedule === undefined || slot === undefined || slot >= slotAt(schedule.rhythm, now)) return undefined;
    return isRenumbered(schedule.rhythm, slot, now) ? 'renumbered' : dueAt(schedule.rhythm, slot + 1);
  });
  if (missed > 0) log.warn({ missed }, 'steps that no worker took in their slot were taken out of the queue');
  // Wakes are no measure of intervals: there are as many of them however far those are stretched.
  return { waiting: current, missed: found + missed };
}

/** What falls due within a tick. */
function demandOf(schedules: readonly Schedule[], ratio: number, { tickMs }: PaceTiming): Pick<Load, 'due' | 'steps'> {
  let [due, steps] = [0, 0];
  for (const { idle, rhythm } of schedules) {
    if (idle) continue;
    const slots = tickMs / (rhythm.intervalMs * ratio);
    due += Math.min(1, slots);
    steps += slots;
  }
  return { due, steps };
}
