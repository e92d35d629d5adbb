/** Runs of all canaries at once, and whether they still go on. */
import { Phase } from '../../canary/canary.ts';
import type { Stage } from '../stage/stage.ts';
import { intervalMs } from './objects.ts';
import { phasesNow, releaseAll, untilPhases } from './world.ts';
import type { Inhabitant } from './world.ts';

/** An analysis of fifty steps: more than a span and what goes before it take. */
export const smallSteps = { stepWeight: 1, maxWeight: 50 };

/** After a release: its wakes have been worked off by then, and every canary has been through a slot. */
export const underWayMs = 1.5 * intervalMs;

/** Seconds that a canary may take on average until its run has begun. */
const secondsPerCanary = 0.2;
const leastSeconds = 60;

/** Releases all of them at once and waits until every run has begun. */
export async function startRuns(stage: Stage, inhabitants: readonly Inhabitant[]): Promise<void> {
  const count = inhabitants.length;
  await stage.progress.during(`${count} canaries to be released`, async () => {
    await releaseAll(stage, inhabitants, 'second');
    await untilPhases(stage, {
      count,
      isIn: (phase) => phase === Phase.Progressing,
      what: 'progressing',
      seconds: leastSeconds + secondsPerCanary * count,
    });
  });
}

/** @throws Error when not all of them progress any more */
export async function stillProgressing(stage: Stage, count: number): Promise<void> {
  const phases = await phasesNow(stage);
  if (phases[Phase.Progressing] === count) return;
  throw new Error(
    `runs: expected all ${count} to go on until the span is over, got ${JSON.stringify(phases)}; ` +
      'measure a shorter span, and see why the others have stopped',
  );
}
