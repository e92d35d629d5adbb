/** Canaries that have nothing to do, their slots spread over the interval as always: what just being there costs. */
import { observeWindow } from '../measure/observe-window.ts';
import type { WindowResult } from '../results.ts';
import { startAviary } from '../stage/aviary.ts';
import type { Stage } from '../stage/stage.ts';
import { populate, untilCalm } from '../world/population.ts';
import type { Inhabitant } from '../world/world.ts';

export interface SettledOptions {
  /** Numbers of canaries; one world grows from the least to the largest. */
  readonly canaries: readonly number[];
  readonly workers: number;
  /** Seconds that are measured. */
  readonly window: number;
}

export async function measureSettled(stage: Stage, options: SettledOptions): Promise<readonly WindowResult[]> {
  const aviary = await startAviary(stage, options);
  const inhabitants: Inhabitant[] = [];
  const results: WindowResult[] = [];
  for (const count of options.canaries.toSorted((a, b) => a - b)) {
    await populate(stage, inhabitants, { count });
    await untilCalm(stage);
    const { seconds, label } = { seconds: options.window, label: `${count} settled canaries, ${options.window} s` };
    results.push(await stage.progress.during(label, () => observeWindow(stage, aviary, { inhabitants, seconds })));
  }
  await aviary.stop();
  return results;
}
