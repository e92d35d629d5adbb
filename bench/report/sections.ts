/** What is said of each scenario, in the terminal and on the page. */
import type { Measured } from '../results.ts';
import { bursts } from './bursts.ts';
import { kill } from './kill.ts';
import { fairness } from './fairness.ts';
import { progressing } from './progressing.ts';
import { releases } from './releases.ts';
import type { Section } from './section.ts';
import { settled } from './settled.ts';

/** The sections of what was measured, in the order in which the page tells them. */
export const sectionsOf = (measured: Partial<Measured>): readonly Section[] => [
  ...sectionOf(measured.settled, settled),
  ...sectionOf(measured.progressing, progressing),
  ...sectionOf(measured.bursts, bursts),
  ...sectionOf(measured.kill, kill),
  ...sectionOf(measured.releases, releases),
  ...sectionOf(measured.fairness, fairness),
];

const sectionOf = <Result>(result: Result | undefined, write: (result: Result) => Section): readonly Section[] =>
  result === undefined ? [] : [write(result)];
