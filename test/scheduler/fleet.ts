/**
 * Schedulers, workers and the queue between them by the second, with real slots. Jobs are added at each tick for the horizon,
 * workers take those that wait in any order, and skip at no cost what has passed meanwhile, as the real ones do.
 */
import { isTaken, slotAt } from '../../canary/slot.ts';
import type { Rhythm } from '../../canary/slot.ts';
import { nextPace, startingPace } from '../../scheduler/pace.ts';
import type { Pace } from '../../scheduler/pace.ts';

export const timing = { tickMs: 10_000, horizonMs: 25_000 };
export const intervalMs = 10_000;
export const begin = 1_764_000_000_000;
const [tick, horizon, interval] = [timing.tickMs / 1_000, timing.horizonMs / 1_000, intervalMs / 1_000];

/** All times in seconds from the beginning. */
export interface World {
  readonly canaries: number;
  /** Steps that the workers can take in that second; undefined: there are no workers. */
  readonly capacity: (second: number) => number | undefined;
  /** Whether the scheduler is away. */
  readonly isUnscheduled?: (second: number) => boolean;
  readonly seconds: number;
  readonly seed?: number;
}

export interface TickSeen {
  readonly second: number;
  /** From this tick on. */
  readonly ratio: number;
  /** Slots without a step since the tick before: passed although there was a job, or left out. */
  readonly missed: number;
  readonly leftOut: number;
}

export interface History {
  readonly ticks: readonly TickSeen[];
  /** Seconds at which a canary had its steps. */
  readonly steps: readonly (readonly number[])[];
}

/** Mulberry32. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Job {
  readonly canary: number;
  readonly endsAt: number;
}

/** What waits, and what is delayed. */
function createLine(random: () => number) {
  const waiting: Job[] = [];
  const takeAny = (): Job | undefined => {
    const index = Math.floor(random() * waiting.length);
    const job = waiting[index];
    const last = waiting.pop();
    if (job !== undefined && last !== undefined && job !== last) waiting[index] = last;
    return job;
  };
  return {
    add: (job: Job): void => void waiting.push(job),
    waiting: (): number => waiting.length,
    /** So many current ones, and on the way what has passed. */
    take: (second: number, most: number): { readonly taken: readonly number[]; readonly skipped: number } => {
      const taken: number[] = [];
      let skipped = 0;
      while (taken.length < most) {
        const job = takeAny();
        if (job === undefined) break;
        if (job.endsAt <= second) skipped += 1;
        else taken.push(job.canary);
      }
      return { taken, skipped };
    },
    sweep: (second: number): number => {
      const current = waiting.filter(({ endsAt }) => endsAt > second);
      const swept = waiting.length - current.length;
      waiting.splice(0, waiting.length, ...current);
      return swept;
    },
  };
}

/** Which canaries' slots fall due in which second, and for which of them there is a job. */
function createSlots(count: number) {
  const rhythms = Array.from({ length: count }, (_, index): Rhythm => ({ uid: `uid-${index}`, intervalMs }));
  const dueIn = Array.from({ length: interval }, (): number[] => []);
  const at = (second: number): number => begin + second * 1_000;
  for (const [index, rhythm] of rhythms.entries()) {
    for (let second = 0; second < interval; second += 1) {
      if (slotAt(rhythm, at(second)) !== slotAt(rhythm, at(second - 1))) dueIn[second]?.push(index);
    }
  }
  const queued = new Map<number, { readonly canaries: Set<number>; ratio: number }>();
  const dueAt = (second: number): readonly number[] => dueIn[second % interval] ?? [];
  return {
    dueAt,
    isQueued: (second: number, canary: number): boolean => queued.get(second)?.canaries.has(canary) ?? false,
    /** @returns those that were not there yet */
    queue: (second: number, ratio: number): readonly number[] => {
      const there = queued.get(second) ?? { canaries: new Set(), ratio: 0 };
      if (there.ratio === ratio) return [];
      there.ratio = ratio;
      queued.set(second, there);
      const added = dueAt(second).filter((canary) => {
        const rhythm = rhythms[canary];
        return (
          rhythm !== undefined && !there.canaries.has(canary) && isTaken(rhythm, slotAt(rhythm, at(second)), ratio)
        );
      });
      for (const canary of added) there.canaries.add(canary);
      return added;
    },
    forget: (second: number): void => void queued.delete(second),
  };
}

function ratioFor({ ratio, earlier }: Pace, second: number): number {
  return earlier !== undefined && begin + second * 1_000 <= earlier.until ? earlier.ratio : ratio;
}

export function play(world: World): History {
  const { canaries, capacity, isUnscheduled = () => false, seconds, seed = 1 } = world;
  const random = randomFrom(seed);
  const [line, slots] = [createLine(random), createSlots(canaries)];
  const steps = Array.from({ length: canaries }, (): number[] => []);
  const ticks: TickSeen[] = [];
  let pace: Pace = startingPace(timing);
  const since = { turns: 0, skipped: 0, taken: 0, leftOut: 0 };
  const look = (second: number): void => {
    const missed = line.sweep(second) + since.skipped;
    const [due, now] = [canaries / pace.ratio, begin + second * 1_000];
    const isAttended = since.taken > 0 || capacity(second) !== undefined;
    pace = nextPace(pace, { now, waiting: line.waiting(), missed, due, steps: due, isAttended }, timing);
    ticks.push({ second, ratio: pace.ratio, missed, leftOut: since.leftOut });
    Object.assign(since, { skipped: 0, taken: 0, leftOut: 0 });
    // The current slots, which may have been lost, and those of the horizon.
    for (let at = second - interval + 1; at <= second + horizon; at += 1) {
      const added = slots.queue(at, ratioFor(pace, at));
      if (at <= second) for (const canary of added) line.add({ canary, endsAt: at + interval });
    }
  };
  const fallDue = (second: number): void => {
    for (const canary of slots.dueAt(second)) {
      if (slots.isQueued(second, canary)) line.add({ canary, endsAt: second + interval });
      else since.leftOut += 1;
    }
    slots.forget(second - interval);
  };
  for (let second = interval; second < seconds; second += 1) {
    fallDue(second);
    since.turns += (capacity(second) ?? 0) * (0.8 + 0.4 * random());
    const { taken, skipped } = line.take(second, Math.floor(since.turns));
    since.turns %= 1;
    since.skipped += skipped;
    since.taken += taken.length;
    for (const canary of taken) steps[canary]?.push(second);
    if (second % tick === 0 && !isUnscheduled(second)) look(second);
  }
  return { ticks, steps };
}
