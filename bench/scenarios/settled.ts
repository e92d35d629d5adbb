/** Canaries that have nothing to do, their slots spread over the interval as always: what just being there costs. */
import { systemClock as clock } from '../../platform/clock.ts';
import { observeWindow } from '../measure/observe-window.ts';
import type { WindowResult } from '../results.ts';
import { startAviary } from '../stage/aviary.ts';
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
    const { seconds, label } = { seconds: options.window, label: `${count} settled canaries, ${options.window} s` };
    results.push(await stage.progress.during(label, () => observeWindow(stage, aviary, { inhabitants, seconds })));
  }
  await aviary.stop();
  return results;
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
