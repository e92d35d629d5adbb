/** Canaries that have nothing to do, all of them looked at in the same moment: what a step costs without the waiting. */
import { openBurster } from '../measure/burst.ts';
import type { Burst, Burster } from '../measure/burst.ts';
import { costsBetween, readAfter, readBefore } from '../measure/window.ts';
import type { BurstsResult } from '../results.ts';
import type { Stage } from '../stage/stage.ts';
import { startSettled } from '../world/population.ts';
import type { Inhabitant } from '../world/world.ts';

export interface BurstsOptions {
  /** How many canaries; 1,000 unless told. */
  readonly size?: number | undefined;
  readonly workers: number;
}

const usualSize = 1_000;
const rounds = 5;
/** Far more than one takes: from there on somebody has to look. */
const patienceSeconds = 120;

export async function measureBursts(stage: Stage, options: BurstsOptions): Promise<BurstsResult> {
  const { size: count = usualSize, workers } = options;
  const { aviary, inhabitants } = await startSettled(stage, { workers, count });
  const burster = openBurster(stage.light.redisUrl);
  try {
    // The first one warms up what the measured ones are to find warm.
    await burster.burst(inhabitants, 'warm', patienceSeconds);
    const before = await readBefore(stage, aviary);
    const label = `${rounds} bursts of ${count} steps`;
    const bursts = await stage.progress.during(label, () => inARow(burster, inhabitants));
    const costs = costsBetween(before, await readAfter(stage, aviary));
    await aviary.stop();
    return { canaries: count, workers, costs, bursts };
  } finally {
    await burster.close();
  }
}

async function inARow(burster: Burster, inhabitants: readonly Inhabitant[]): Promise<readonly Burst[]> {
  const bursts: Burst[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    bursts.push(await burster.burst(inhabitants, `burst-${round}`, patienceSeconds));
  }
  return bursts;
}
