/** What the scenarios have measured, as it is kept between runs and written into the page. */
import type { CapacityResult } from './capacity/result.ts';
import type { Burst } from './measure/burst.ts';
import type { Distances, Questions, Resumption } from './measure/kill-figures.ts';
import type { Delays } from './measure/delays.ts';
import type { Spread } from './measure/percentile.ts';
import type { Punctuality } from './measure/slots.ts';
import type { SoakSample } from './measure/soak-samples.ts';
import type { Throughput } from './measure/throughput.ts';
import type { WakeDelays } from './measure/wake-delays.ts';
import type { Costs, PerRole, Totals } from './measure/window.ts';
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
  /** From each release to its wake in the queue. Absent in results of before it was measured. */
  readonly wakes?: WakeDelays;
  /** The same of releases one by one. Absent as those. */
  readonly singleWakes?: WakeDelays;
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
  /** At the most meanwhile: of so many slots one was taken, those of the small tenant, too. */
  readonly stretch: number;
}

/** Canaries that were all created at once. */
export interface BootstrapResult {
  readonly canaries: number;
  readonly workers: number;
  /** Milliseconds from the first Canary to the last, as the API server takes them. */
  readonly creatingMs: number;
  /** Milliseconds from the first Canary until all are initialized. */
  readonly allMs: number;
  /** The same of each canary, by its own word. */
  readonly ends: Spread | undefined;
  readonly totals: Totals;
  /** Seconds on a processor of the benchmark, which plays the nodes. */
  readonly benchCpu: number;
  readonly cores: number;
  /** As many Services as there are by then, once more and nothing besides. */
  readonly servicesAlone: ServicesAlone;
}

/** Services that were created on the same API server, without anything that would react to them. */
export interface ServicesAlone {
  readonly count: number;
  readonly ms: number;
}

/** The same steps, which wait most of the time, with more and more workers. */
export interface ScalingResult {
  readonly canaries: number;
  /** Steps that a worker is at at the same time. */
  readonly concurrency: number;
  /** Milliseconds that each step waits. */
  readonly hookMs: number;
  readonly rounds: readonly (Throughput & { readonly workers: number })[];
}

/** Settled canaries for a long time. */
export interface SoakResult {
  readonly canaries: number;
  readonly workers: number;
  readonly seconds: number;
  /** Seconds from the begin on that say nothing of a trend. */
  readonly warmUpSeconds: number;
  readonly steps: number;
  readonly samples: readonly SoakSample[];
}

/** What each scenario hands back, by its name on the command line. */
export interface Measured {
  readonly settled: readonly WindowResult[];
  readonly progressing: StretchedWindow;
  readonly bursts: BurstsResult;
  readonly kill: KillResult;
  readonly releases: ReleasesResult;
  readonly fairness: FairnessResult;
  readonly bootstrap: BootstrapResult;
  readonly scaling: ScalingResult;
  readonly soak: SoakResult;
  readonly capacity: CapacityResult;
}

export type ScenarioName = keyof Measured;

/** Where and when a scenario has run. */
export interface Origin {
  readonly machine: Machine;
  /** RFC 3339. */
  readonly measuredAt: string;
}

/** The newest result of each scenario that has ever run here. */
export interface Results {
  readonly measured: Partial<Measured>;
  readonly origins: Readonly<Partial<Record<ScenarioName, Origin>>>;
}
