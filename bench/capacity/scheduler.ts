/** The simulation's scheduler, seen from outside. */
import { waitFor } from '../../sandbox/wait.ts';
import { startChild } from './child.ts';
import type { Child } from './child.ts';

export type SchedulerSaid = TickSaid | { readonly kind: 'words'; readonly words: string; readonly detail: string };

/** A tick that is done. */
export interface TickSaid {
  readonly kind: 'tick';
  /** Epoch milliseconds. */
  readonly at: number;
  readonly canaries: number;
  /** Slots in the window, also those that were in the queue already. */
  readonly steps: number;
  readonly durationMs: number;
  /** Milliseconds on a processor since the tick before, threads of the collector included. */
  readonly cpuMs: number;
  /** For how long the event loop was held up at the longest since the tick before. */
  readonly longestBlockMs: number;
  readonly rssMiB: number;
}

export interface SchedulerMemory {
  readonly rssMiB: number;
  /** After a collection. */
  readonly heapMiB: number;
}

export interface Scheduler {
  readonly pid: number;
  ticks(): readonly TickSaid[];
  /** Resolves to the tick of this number, from 1. */
  tick(number: number): Promise<TickSaid>;
  memory(): Promise<SchedulerMemory>;
  end(): Promise<void>;
}

export interface SchedulerOptions {
  readonly url: string;
  readonly canaries: number;
  readonly timing?: SchedulerTiming;
}

/** Milliseconds. */
export interface SchedulerTiming {
  readonly tickMs: number;
  readonly horizonMs: number;
}

/** As the resident scheduler has them unless told. */
export const usualTiming: SchedulerTiming = { tickMs: 10_000, horizonMs: 25_000 };

/** On a machine that is busy with other things a tick of all canaries takes a minute. */
const patienceSeconds = 300;

export function startScheduler({ url, canaries, timing = usualTiming }: SchedulerOptions): Scheduler {
  const args = [url, String(canaries), `${timing.tickMs}ms`, `${timing.horizonMs}ms`];
  const child: Child<SchedulerSaid> = startChild('scheduler-main', args);
  const ticks = (): readonly TickSaid[] => child.said.filter((one) => one.kind === 'tick');
  return {
    pid: child.pid,
    ticks,
    tick: (number) =>
      waitFor({
        what: `tick ${number} of the scheduler`,
        seconds: patienceSeconds,
        look: () => ticks()[number - 1],
        explain: () => JSON.stringify(child.said.slice(-5)),
      }),
    memory: () => child.ask('memory'),
    end: () => child.end(),
  };
}
