import type { ScenarioName } from '../results.ts';
import type { Plot } from './plot.ts';
import type { Target } from './targets.ts';

/** What is said of one scenario. */
export interface Section {
  /** How it was measured, for who has not read the code. */
  readonly about: string;
  /** What was wanted, beside what was measured. */
  readonly targets?: readonly Target[];
  /** Markdown. */
  readonly figures: string;
  readonly pictures?: readonly Picture[];
}

export interface Picture {
  /** Without folder and extension: `settled-lateness`. */
  readonly name: string;
  readonly plot: Plot;
}

/** The same under its heading. */
export interface TitledSection extends Section {
  readonly name: ScenarioName;
  readonly title: string;
}
