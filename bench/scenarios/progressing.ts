/** Canaries that were all released at once and take a step of weight in every slot: what a release under way costs. */
import { systemClock as clock } from '../../platform/clock.ts';
import { observeWindow } from '../measure/observe-window.ts';
import { openPace } from '../measure/pace.ts';
import type { StretchedWindow } from '../results.ts';
import type { Aviary } from '../stage/aviary.ts';
import type { Stage } from '../stage/stage.ts';
import { startSettled } from '../world/population.ts';
import { smallSteps, startRuns, stillProgressing, underWayMs } from '../world/runs.ts';
import type { Inhabitant } from '../world/world.ts';

export interface ProgressingOptions {
  /** How many canaries; 1,000 unless told. */
  readonly size?: number | undefined;
  readonly workers: number;
  /** Seconds that are measured. */
  readonly window: number;
}

const usualSize = 1_000;

/** @throws Error when a run has ended before the span has: then other steps were measured too */
export async function measureProgressing(stage: Stage, options: ProgressingOptions): Promise<StretchedWindow> {
  const { size: count = usualSize, workers } = options;
  const { aviary, inhabitants } = await startSettled(stage, { workers, count, analysis: smallSteps });
  await startRuns(stage, inhabitants);
  await clock.sleep(underWayMs);
  const label = `${count} canaries under way, ${options.window} s`;
  const result = await stage.progress.during(label, () => observe(stage, aviary, { ...options, inhabitants }));
  await stillProgressing(stage, count);
  await aviary.stop();
  return result;
}

interface Observation {
  readonly inhabitants: readonly Inhabitant[];
  readonly window: number;
}

async function observe(stage: Stage, aviary: Aviary, { inhabitants, window }: Observation): Promise<StretchedWindow> {
  const pace = openPace(stage.light.redisUrl);
  try {
    const before = await pace.ratio();
    const measured = await observeWindow(stage, aviary, { inhabitants, seconds: window });
    return { ...measured, stretch: Math.max(before, await pace.ratio()) };
  } finally {
    pace.close();
  }
}
