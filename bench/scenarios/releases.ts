/**
 * Many releases at the same moment, of one step of weight each: how long until the last of them has succeeded. And some one
 * after the other, when the API server has nothing else to do: how soon a canary is woken.
 */
import { Phase } from '../../canary/canary.ts';
import { systemClock as clock } from '../../platform/clock.ts';
import { viewSteps } from '../measure/finished-jobs.ts';
import { transitionsFrom } from '../measure/transitions.ts';
import { wakeDelays } from '../measure/wake-delays.ts';
import type { WakeDelays } from '../measure/wake-delays.ts';
import type { ReleasesResult } from '../results.ts';
import type { Stage } from '../stage/stage.ts';
import type { Place } from '../world/objects.ts';
import { startSettled } from '../world/population.ts';
import { canaryObjects, release, releaseAll, untilPhases } from '../world/world.ts';
import type { Change, Inhabitant } from '../world/world.ts';

export interface ReleasesOptions {
  /** How many canaries; 200 unless told. */
  readonly size?: number | undefined;
  readonly workers: number;
}

const usualSize = 200;

/** The first step is the last: it gives the canary all that it will have. */
const oneStep = { stepWeight: 50, maxWeight: 50 };

/** Ten times of what is wanted: from there on somebody has to look. */
const patienceSeconds = 450;

export async function measureReleases(stage: Stage, options: ReleasesOptions): Promise<ReleasesResult> {
  const { size: count = usualSize, workers } = options;
  const { aviary, inhabitants } = await startSettled(stage, { workers, count, analysis: oneStep });
  const times = await stage.progress.during(`${count} releases`, () => releaseUntilSucceeded(stage, inhabitants));
  const ends = transitionsFrom(await canaryObjects(stage), times.begunAt);
  const wakes = await wakesOf(stage, times.changes);
  const singly = inhabitants.slice(0, mostSingly);
  const singleWakes = await stage.progress.during(`${singly.length} releases one by one`, () =>
    releaseSingly(stage, singly),
  );
  await aviary.stop();
  const { begunAt, releasedAt, doneAt } = times;
  return {
    canaries: count,
    workers,
    releasingMs: releasedAt - begunAt,
    allMs: doneAt - begunAt,
    ends,
    wakes,
    singleWakes,
  };
}

/** So many that the 99th of 100 is the slowest of them. */
const mostSingly = 50;
/** Milliseconds between two of them: a run has begun by then. */
const singlyMs = 400;
/** Milliseconds for the last of them to be woken and looked at. */
const lastLookMs = 5_000;

/** Releases one canary after the other, and tells how soon each was woken. */
export async function releaseSingly(stage: Stage, places: readonly Place[]): Promise<WakeDelays> {
  const changes: Change[] = [];
  for (const place of places) {
    changes.push(await release(stage, place, 'third'));
    await clock.sleep(singlyMs);
  }
  await clock.sleep(lastLookMs);
  return wakesOf(stage, changes);
}

/** Finished jobs are kept for longer than all of it takes. */
export async function wakesOf({ light }: Stage, changes: readonly Change[]): Promise<WakeDelays> {
  const view = viewSteps(light.redisUrl);
  try {
    return wakeDelays(changes, await view.finished(Math.min(...changes.map(({ sentAt }) => sentAt))));
  } finally {
    await view.close();
  }
}

/** Epoch milliseconds. */
export interface ReleaseTimes {
  readonly begunAt: number;
  /** When the API server had taken the last of them. */
  readonly releasedAt: number;
  readonly doneAt: number;
  readonly changes: readonly Change[];
}

/** Releases all of them at once and waits for the last one's success. */
export async function releaseUntilSucceeded(stage: Stage, inhabitants: readonly Inhabitant[]): Promise<ReleaseTimes> {
  const begunAt = clock.now();
  const changes = await releaseAll(stage, inhabitants, 'second');
  const releasedAt = clock.now();
  await untilPhases(stage, {
    count: inhabitants.length,
    isIn: (phase) => phase === Phase.Succeeded,
    what: 'succeeded',
    seconds: patienceSeconds,
  });
  return { begunAt, releasedAt, doneAt: clock.now(), changes };
}
