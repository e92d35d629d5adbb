/** Canaries that have nothing to do, their slots spread over the interval as always: what just being there costs. */
import { systemClock as clock } from '../../platform/clock.ts';
import { observeWindow } from '../measure/observe-window.ts';
import type { WindowResult } from '../results.ts';
import { startAviary } from '../stage/aviary.ts';
import type { Stage } from '../stage/stage.ts';
import { expectAtRest, readVersions } from '../world/at-rest.ts';
import { intervalMs } from '../world/objects.ts';
import { makePattern } from '../world/pattern.ts';
import { untilUnstretched } from '../world/population.ts';
import { writeSettled } from '../world/settled-world.ts';
import { placesIn } from '../world/world.ts';
import type { Inhabitant } from '../world/world.ts';

export interface SettledOptions {
  /** Numbers of canaries; one world grows from the least to the largest. */
  readonly canaries: readonly number[];
  readonly workers: number;
  /** Seconds that are measured. */
  readonly window: number;
}

/** Until every worker has met nearly every canary: which of them takes a slot is chance. */
const meetingMs = 4 * intervalMs;

/** Scheduler and workers are started anew at each size, and are told nothing of the one before. */
export async function measureSettled(stage: Stage, options: SettledOptions): Promise<readonly WindowResult[]> {
  const pattern = await makePattern(stage);
  const inhabitants: Inhabitant[] = [];
  const results: WindowResult[] = [];
  for (const count of options.canaries.toSorted((a, b) => a - b)) {
    const places = placesIn({ from: inhabitants.length, to: count });
    inhabitants.push(...(await writeSettled(stage, pattern, { places })));
    results.push(await measureOne(stage, { ...options, inhabitants }));
  }
  return results;
}

type One = Pick<SettledOptions, 'workers' | 'window'> & { readonly inhabitants: readonly Inhabitant[] };

async function measureOne(stage: Stage, { inhabitants, workers, window }: One): Promise<WindowResult> {
  const before = await readVersions(stage, inhabitants);
  const since = clock.now();
  const aviary = await startAviary(stage, { workers });
  try {
    await expectAtRest(stage, { inhabitants, before, since });
    await untilUnstretched(stage);
    await clock.sleep(meetingMs);
    const label = `${inhabitants.length} settled canaries, ${window} s`;
    return await stage.progress.during(label, () => observeWindow(stage, aviary, { inhabitants, seconds: window }));
  } finally {
    await aviary.stop();
  }
}
