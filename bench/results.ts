/** What the scenarios have measured, as it is kept between runs and written into the page. */
import type { Punctuality } from './measure/slots.ts';
import type { Costs, PerRole } from './measure/window.ts';
import type { Memory } from './measure/processes.ts';
import type { Machine } from './report/machine.ts';

/** Steps over a span of time in which nothing but them went on. */
export interface WindowResult {
  readonly canaries: number;
  readonly workers: number;
  readonly costs: Costs;
  readonly punctuality: Punctuality;
  /** MiB; of the workers the largest one. */
  readonly memory: PerRole<Memory>;
  /** MiB that Redis says its data takes. */
  readonly redisMiB: number;
}

/** A span that may have been too much for the workers. */
export interface StretchedWindow extends WindowResult {
  /** Of so many slots one was taken, at the most: 1 while intervals are as long as they are written. */
  readonly stretch: number;
}

/** What each scenario hands back, by its name on the command line. */
export interface Measured {
  readonly settled: readonly WindowResult[];
  readonly progressing: StretchedWindow;
}

export type ScenarioName = keyof Measured;

/** The newest result of each scenario that has ever run here. */
export interface Results {
  readonly machine: Machine;
  /** RFC 3339, of the newest run. */
  readonly measuredAt: string;
  readonly measured: Partial<Measured>;
}
