/** Settled canaries for half an hour or more: whether anything grows without an end. */
import { systemClock as clock } from '../../platform/clock.ts';
import { sampleSoak } from '../measure/soak-samples.ts';
import { readAfter, readBefore, totalsBetween } from '../measure/window.ts';
import type { SoakResult } from '../results.ts';
import { startAviary } from '../stage/aviary.ts';
import type { Stage } from '../stage/stage.ts';
import { expectAtRest, readVersions } from '../world/at-rest.ts';
import { makePattern } from '../world/pattern.ts';
import { writeSettled } from '../world/settled-world.ts';
import { placesIn } from '../world/world.ts';

export interface SoakOptions {
  /** How many canaries; 1,000 unless told. */
  readonly size?: number | undefined;
  readonly workers: number;
  /** Seconds that are measured. */
  readonly window: number;
}

const usualSize = 1_000;
/** Seconds between two samples, at the most; a short soak has fifteen of them at least. */
const usualEvery = 10;
const leastSamples = 15;
/** Seconds until caches are warm and as many finished jobs are kept as ever will be. */
const usualWarmUp = 300;

export async function measureSoak(stage: Stage, options: SoakOptions): Promise<SoakResult> {
  const { size: count = usualSize, workers, window: seconds } = options;
  const pattern = await makePattern(stage);
  const inhabitants = await writeSettled(stage, pattern, { places: placesIn({ from: 0, to: count }) });
  const before = await readVersions(stage, inhabitants);
  const since = clock.now();
  const aviary = await startAviary(stage, { workers });
  try {
    await expectAtRest(stage, { inhabitants, before, since });
    const begin = await readBefore(stage, aviary);
    const every = Math.min(usualEvery, seconds / leastSamples);
    const samples = await stage.progress.during(`${count} settled canaries, ${seconds} s`, () =>
      sampleSoak(stage, aviary, { seconds, every }),
    );
    const { steps } = totalsBetween(begin, await readAfter(stage, aviary));
    const warmUpSeconds = Math.min(usualWarmUp, seconds / 4);
    return { canaries: count, workers, seconds, warmUpSeconds, steps, samples };
  } finally {
    await aviary.stop();
  }
}
