/** Every scenario, by its name on the command line. */
import type { Options } from '../options.ts';
import type { Measured, ScenarioName } from '../results.ts';
import type { Stage } from '../stage/stage.ts';
import { measureBootstrap } from './bootstrap.ts';
import { measureBursts } from './bursts.ts';
import { measureKill } from './kill.ts';
import { measureFairness } from './fairness.ts';
import { measureProgressing } from './progressing.ts';
import { measureReleases } from './releases.ts';
import { measureScaling } from './scaling.ts';
import { measureSettled } from './settled.ts';
import { measureSoak } from './soak.ts';

type Scenario<Name extends ScenarioName> = (stage: Stage, options: Options) => Promise<Measured[Name]>;

const scenarios: { readonly [Name in ScenarioName]: Scenario<Name> } = {
  settled: measureSettled,
  progressing: measureProgressing,
  bursts: measureBursts,
  kill: measureKill,
  releases: measureReleases,
  fairness: measureFairness,
  bootstrap: measureBootstrap,
  scaling: measureScaling,
  soak: (stage, { soakWindow: window, ...options }) => measureSoak(stage, { ...options, window }),
};

/** Runs one scenario on a stage that nobody has used yet. */
export async function runScenario(name: ScenarioName, stage: Stage, options: Options): Promise<Partial<Measured>> {
  return { [name]: await scenarios[name](stage, options) };
}
