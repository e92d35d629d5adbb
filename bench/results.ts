/** What the scenarios have measured, as it is kept between runs and written into the page. */
import type { Burst } from './measure/burst.ts';
import type { Distances, Questions, Resumption } from './measure/kill-figures.ts';
import type { Delays } from './measure/delays.ts';
import type { Spread } from './measure/percentile.ts';
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

/** Settled canaries, all looked at in the same moment again and again. */
export interface BurstsResult {
  readonly canaries: number;
  readonly workers: number;
  readonly costs: Costs;
  readonly bursts: readonly Burst[];
}

/** Runs that have gone on without one of their workers. */
export interface KillResult {
  readonly canaries: number;
  /** Before one was killed. */
  readonly workers: number;
  readonly resumption: Resumption;
  readonly distances: Distances;
  readonly questions: Questions;
  readonly punctuality: Punctuality;
}

/** Releases of one step each, all at once. */
export interface ReleasesResult {
  readonly canaries: number;
  readonly workers: number;
  /** Milliseconds from the first release to the last, as the API server takes them. */
  readonly releasingMs: number;
  /** Milliseconds from the first release until all canaries have succeeded. */
  readonly allMs: number;
  /** The same of each canary, by its own word. */
  readonly ends: Spread | undefined;
}

/** A tenant with few canaries: by itself, and beside one with very many that all fall due at once. */
export interface FairnessResult {
  /** Canaries of the small tenant. */
  readonly small: number;
  readonly large: number;
  readonly workers: number;
  /** Of the small tenant. */
  readonly alone: Delays;
  readonly beside: Delays;
  /** Of the large tenant. */
  readonly bursts: readonly Burst[];
  /** At the end of them: of so many slots one is taken, those of the small tenant, too. */
  readonly stretch: number;
}

/** What each scenario hands back, by its name on the command line. */
export interface Measured {
  readonly settled: readonly WindowResult[];
  readonly progressing: StretchedWindow;
  readonly bursts: BurstsResult;
  readonly kill: KillResult;
  readonly releases: ReleasesResult;
  readonly fairness: FairnessResult;
}

export type ScenarioName = keyof Measured;

/** The newest result of each scenario that has ever run here. */
export interface Results {
  readonly machine: Machine;
  /** RFC 3339, of the newest run. */
  readonly measuredAt: string;
  readonly measured: Partial<Measured>;
}
