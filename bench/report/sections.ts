/** What is said of each scenario, in the terminal and on the page. */
import type { Measured } from '../results.ts';
import { bootstrap } from './bootstrap.ts';
import { bursts } from './bursts.ts';
import { capacity } from './capacity.ts';
import { kill } from './kill.ts';
import { fairness } from './fairness.ts';
import { progressing } from './progressing.ts';
import { releases } from './releases.ts';
import type { Section } from './section.ts';
import { scaling } from './scaling.ts';
import { settled } from './settled.ts';
import { soak } from './soak.ts';

/** The sections of what was measured, in the order in which the page tells them. */
export const sectionsOf = (measured: Partial<Measured>): readonly Section[] => [
  ...sectionOf(measured.settled, settled),
  ...sectionOf(measured.progressing, progressing),
  ...sectionOf(measured.bursts, bursts),
  ...sectionOf(measured.kill, kill),
  ...sectionOf(measured.releases, releases),
  ...sectionOf(measured.fairness, fairness),
  ...sectionOf(measured.bootstrap, bootstrap),
  ...sectionOf(measured.scaling, scaling),
  ...sectionOf(measured.soak, soak),
  ...sectionOf(measured.capacity, capacity),
];

const sectionOf = <Result>(result: Result | undefined, write: (result: Result) => Section): readonly Section[] =>
  result === undefined ? [] : [write(result)];
