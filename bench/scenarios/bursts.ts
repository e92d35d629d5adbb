/** Canaries that have nothing to do, all of them due in the same moment: what a step costs without the waiting. */
import { openBurster } from '../measure/burst.ts';
import type { Burst, Burster } from '../measure/burst.ts';
import { costsBetween, readAfter, readBefore } from '../measure/window.ts';
import type { BurstsResult } from '../results.ts';
import { startAviary } from '../stage/aviary.ts';
import type { Stage } from '../stage/stage.ts';
import { makePattern } from '../world/pattern.ts';
import { writeSettled } from '../world/settled-world.ts';
import { placesIn } from '../world/world.ts';
import type { Inhabitant } from '../world/world.ts';

export interface BurstsOptions {
  /** How many canaries; 1,000 unless told. */
  readonly size?: number | undefined;
  readonly workers: number;
}

const usualSize = 1_000;
/** So long that next to no slot passes while a burst is worked off. */
const intervalMs = 600_000;
/** Every worker has met every canary by then, but for a few. */
const warmRounds = 5;
const rounds = 5;
/** Far more than one takes: from there on somebody has to look. */
const patienceSeconds = 120;
const leastTaken = 0.98;

/** @throws Error when steps were skipped: then what was measured is no step */
export async function measureBursts(stage: Stage, options: BurstsOptions): Promise<BurstsResult> {
  const { size: count = usualSize, workers } = options;
  const pattern = await makePattern(stage);
  const places = placesIn({ from: 0, to: count });
  const inhabitants = await writeSettled(stage, pattern, { places, intervalMs });
  const aviary = await startAviary(stage, { workers });
  await aviary.scheduler.server.stop();
  const burster = openBurster(stage.light.redisUrl);
  try {
    await burster.forgetAhead();
    await stage.progress.during('workers to meet the canaries', () => inARow(burster, inhabitants, warmRounds));
    const before = await readBefore(stage, aviary);
    const label = `${rounds} bursts of ${count} steps`;
    const bursts = await stage.progress.during(label, () => inARow(burster, inhabitants, rounds));
    const costs = costsBetween(before, await readAfter(stage, aviary));
    if (costs.steps < leastTaken * rounds * count) {
      throw new Error(`bursts: expected ${rounds * count} steps, got ${costs.steps}; the others were skipped`);
    }
    return { canaries: count, workers, costs, bursts };
  } finally {
    await burster.close();
    await aviary.stop();
  }
}

async function inARow(burster: Burster, inhabitants: readonly Inhabitant[], count: number): Promise<readonly Burst[]> {
  const bursts: Burst[] = [];
  for (let round = 0; round < count; round += 1) bursts.push(await burster.slotsOfAll(inhabitants, patienceSeconds));
  return bursts;
}
