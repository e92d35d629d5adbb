/** Every scenario, by its name on the command line. */
import type { Options } from '../options.ts';
import type { Measured, ScenarioName } from '../results.ts';
import type { Progress } from '../../sandbox/progress.ts';
import type { Machine } from '../report/machine.ts';
import { describeStage, openStage } from '../stage/stage.ts';
import type { Stage } from '../stage/stage.ts';
import { measureBootstrap } from './bootstrap.ts';
import { measureBursts } from './bursts.ts';
import { measureCapacity } from './capacity.ts';
import { measureKill } from './kill.ts';
import { measureFairness } from './fairness.ts';
import { measureProgressing } from './progressing.ts';
import { measureReleases } from './releases.ts';
import { measureScaling } from './scaling.ts';
import { measureSettled } from './settled.ts';
import { measureSoak } from './soak.ts';

interface Outcome<Result> {
  readonly machine: Machine;
  readonly result: Result;
}

type Scenario<Name extends ScenarioName> = (progress: Progress, options: Options) => Promise<Outcome<Measured[Name]>>;

const scenarios: { readonly [Name in ScenarioName]: Scenario<Name> } = {
  settled: onStage(measureSettled),
  progressing: onStage(measureProgressing),
  bursts: onStage(measureBursts),
  kill: onStage(measureKill),
  releases: onStage(measureReleases),
  fairness: onStage(measureFairness),
  bootstrap: onStage(measureBootstrap),
  scaling: onStage(measureScaling),
  soak: onStage((stage, { soakWindow: window, ...options }) => measureSoak(stage, { ...options, window })),
  capacity: measureCapacity,
};

/** A stage that nobody has used yet. */
function onStage<Result>(measure: (stage: Stage, options: Options) => Promise<Result>) {
  return async (progress: Progress, options: Options): Promise<Outcome<Result>> => {
    const stage = await openStage(progress);
    try {
      const result = await measure(stage, options);
      return { machine: await describeStage(stage), result };
    } finally {
      await stage.close();
    }
  };
}

/** Runs one scenario on servers of its own. */
export async function runScenario(
  name: ScenarioName,
  progress: Progress,
  options: Options,
): Promise<{ readonly machine: Machine; readonly measured: Partial<Measured> }> {
  const { machine, result } = await scenarios[name](progress, options);
  return { machine, measured: { [name]: result } };
}
