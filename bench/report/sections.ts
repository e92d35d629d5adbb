/** What is said of each scenario, in the terminal and on the page. */
import type { Measured, ScenarioName } from '../results.ts';
import { bootstrap } from './bootstrap.ts';
import { bursts } from './bursts.ts';
import { capacity } from './capacity.ts';
import { kill } from './kill.ts';
import { fairness } from './fairness.ts';
import { progressing } from './progressing.ts';
import { releases } from './releases.ts';
import type { Section, TitledSection } from './section.ts';
import { scaling } from './scaling.ts';
import { settled } from './settled.ts';
import { soak } from './soak.ts';

const writers: { readonly [Name in ScenarioName]: (result: Measured[Name]) => Section } = {
  settled,
  progressing,
  bursts,
  kill,
  releases,
  fairness,
  bootstrap,
  scaling,
  soak,
  capacity,
};

/** Headings, in the order in which the page tells of the scenarios. */
export const titles: Readonly<Record<ScenarioName, string>> = {
  settled: 'Settled',
  progressing: 'Progressing',
  bursts: 'Bursts',
  kill: 'A worker is killed',
  releases: 'Releases',
  fairness: 'Fairness',
  bootstrap: 'Bootstrap',
  scaling: 'Scaling',
  soak: 'Soak',
  capacity: 'Simulation',
};

const names = Object.keys(titles) as readonly ScenarioName[];

/** The sections of what was measured, in the order in which the page tells them. */
export const sectionsOf = (measured: Partial<Measured>): readonly TitledSection[] =>
  names.flatMap((name) => sectionOf(name, measured[name]));

const sectionOf = <Name extends ScenarioName>(
  name: Name,
  result: Measured[Name] | undefined,
): readonly TitledSection[] => (result === undefined ? [] : [{ ...writers[name](result), name, title: titles[name] }]);
