/** Canaries that have nothing to do, their slots spread over the interval as always: what just being there costs. */
import { systemClock as clock } from '../../platform/clock.ts';
import { observeWindow } from '../measure/observe-window.ts';
import type { WindowResult } from '../results.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { samplesOf } from '../measure/exposition.ts';
import { startAviary } from '../stage/aviary.ts';
import type { Aviary } from '../stage/aviary.ts';
import type { Stage } from '../stage/stage.ts';
import { intervalMs } from '../world/objects.ts';
import { createCanaries, createTargets, untilPhases } from '../world/world.ts';
import type { Inhabitant } from '../world/world.ts';

export interface SettledOptions {
  /** Numbers of canaries; one world grows from the least to the largest. */
  readonly canaries: readonly number[];
  readonly workers: number;
  /** Seconds that are measured. */
  readonly window: number;
}

/** Seconds that a canary may take on average until it is initialized. */
const secondsPerCanary = 0.3;
const leastSeconds = 60;

/** What was announced at the end of the first steps is confirmed by the next one; then nothing is left to write. */
const calmMs = 1.5 * intervalMs;

export async function measureSettled(stage: Stage, options: SettledOptions): Promise<readonly WindowResult[]> {
  const aviary = await startAviary(stage, options);
  const inhabitants: Inhabitant[] = [];
  const results: WindowResult[] = [];
  for (const count of options.canaries.toSorted((a, b) => a - b)) {
    await populate(stage, inhabitants, count);
    await clock.sleep(calmMs);
    await untilUnstretched(stage, aviary);
    const { seconds, label } = { seconds: options.window, label: `${count} settled canaries, ${options.window} s` };
    results.push(await stage.progress.during(label, () => observeWindow(stage, aviary, { inhabitants, seconds })));
  }
  await aviary.stop();
  return results;
}

/** The bootstrap is more than the workers can take at once, and intervals that were stretched for it go back in steps. */
async function untilUnstretched(stage: Stage, { scheduler }: Aviary): Promise<void> {
  await stage.progress.during('intervals to be as long as they are written', () =>
    waitFor({
      what: 'intervals that are not stretched',
      seconds: 3_600,
      every: 1_000,
      look: async () => {
        const page = await (await fetch(`${scheduler.url}/metrics`)).text();
        return samplesOf(page, 'aviary_interval_stretch_ratio').every(({ value }) => value === 1) ? true : undefined;
      },
    }),
  );
}

/** Adds canaries up to `count` and waits until Aviary has initialized them. */
export async function populate(stage: Stage, inhabitants: Inhabitant[], count: number): Promise<void> {
  const range = { from: inhabitants.length, to: count };
  await createTargets(stage, range);
  inhabitants.push(...(await createCanaries(stage, range, { stepWeight: 10, maxWeight: 50 })));
  await stage.progress.during(`${count} canaries to be initialized`, () =>
    untilPhases(stage, {
      count,
      isIn: (phase) => phase === 'Initialized',
      what: 'initialized',
      seconds: leastSeconds + secondsPerCanary * (range.to - range.from),
    }),
  );
}
