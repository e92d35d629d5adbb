/** One pass of the scheduler: everything that is due in the window goes into the queue. Safe to run twice, or in two processes. */
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/observability/logger.ts';
import { noTracing } from '../platform/observability/tracing.ts';
import type { Tracing } from '../platform/observability/tracing.ts';
import type { StepQueue } from '../queue/step-queue.ts';
import type { Weights } from '../queue/turns.ts';
import type { TickMark } from '../queue/tick-mark.ts';
import type { CanarySource } from './canary-source.ts';
import { dueSteps } from './due.ts';
import type { Pause } from './pause.ts';
import type { Pacing } from './pacing.ts';

export interface TickOptions {
  readonly source: CanarySource;
  readonly queue: Pick<StepQueue, 'addDue'>;
  /** Says how far intervals are stretched; absent: never. */
  readonly pacing?: Pacing | undefined;
  /** Where it is noted that a tick was done, by this scheduler or another one. */
  readonly mark?: TickMark | undefined;
  readonly clock: Clock;
  /**
   * How far ahead slots are added, in milliseconds; the same distance back, a current slot is added again. Back to the last
   * tick when that is longer ago: nobody has added the slots that have fallen due since then.
   */
  readonly horizonMs: number;
  /** How far the first tick looks: everything has to be added then, and what is due first must not wait for the rest. Default: as the others. */
  readonly firstHorizonMs?: number | undefined;
  /** Left out: all namespaces weigh the same. */
  readonly weights?: Weights | undefined;
  readonly log: Logger;
  readonly tracing?: Tracing | undefined;
}

export interface TickReport {
  readonly canaries: number;
  /** Slots in the window, also those that were in the queue already. */
  readonly steps: number;
  readonly durationMs: number;
}

/** Fails with the reason when the canaries cannot be listed or the queue does not take them; the next tick makes up for it. */
export type Tick = (signal: AbortSignal) => Promise<TickReport>;

/** Remembers when its last tick was done: the first one looks `firstHorizonMs` ahead, all others `horizonMs`. */
export function createTick(options: TickOptions): Tick {
  const { tracing = noTracing, firstHorizonMs = options.horizonMs } = options;
  let aheadMs = firstHorizonMs;
  let lastAt: number | undefined;
  return (signal) =>
    tracing.during({ name: 'tick' }, async (span) => {
      const startedAt = options.clock.now();
      const report = await tickOver({ ...options, aheadMs, startedAt, lastAt }, signal);
      aheadMs = options.horizonMs;
      lastAt = startedAt;
      span.set({ 'aviary.canaries': report.canaries, 'aviary.steps': report.steps });
      return report;
    });
}

interface OneTick extends TickOptions {
  readonly aheadMs: number;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** When the last tick of this process that was done began. */
  readonly lastAt: number | undefined;
}

async function tickOver(options: OneTick, signal: AbortSignal): Promise<TickReport> {
  const { source, queue, pacing, mark, clock, aheadMs, startedAt, weights, log } = options;
  const schedules = [...(await source(signal))];
  const stretch = await pacing?.(schedules);
  const since = await lastTickOf(options);
  const now = clock.now();
  const lookbackMs = Math.max(options.horizonMs, now - (since ?? now));
  const window = { now, lookbackMs, horizonMs: aheadMs, stretch };
  const steps = dueSteps(schedules, window, weights);
  // What is due first is added first: of a Redis that was emptied, all of it is missing.
  await queue.addDue(steps.toSorted((a, b) => a.dueAt - b.dueAt));
  await mark?.set(startedAt);
  const report = { canaries: schedules.length, steps: steps.length, durationMs: clock.now() - startedAt };
  log.info({ ...report }, 'tick done');
  return report;
}

/** Of a Redis that was emptied only this process still knows. */
async function lastTickOf({ mark, lastAt }: OneTick): Promise<number | undefined> {
  const markedAt = await mark?.read();
  return lastAt === undefined || markedAt === undefined ? (lastAt ?? markedAt) : Math.max(lastAt, markedAt);
}

export interface TickLoopOptions {
  readonly tick: Tick;
  readonly clock: Clock;
  /** Milliseconds from the start of one tick to the start of the next; a tick that takes longer is followed at once. */
  readonly intervalMs: number;
  /** How it waits for the next tick; sleeps unless told. */
  readonly pause?: Pause | undefined;
  readonly log: Logger;
  /** Told of every tick that failed. */
  readonly onFailure?: (error: unknown) => void;
  readonly onSuccess?: (report: TickReport) => void;
}

/** Ticks until the signal is aborted. A failed tick is logged and counted, and the next one comes on time. */
export async function runTicks(options: TickLoopOptions, signal: AbortSignal): Promise<void> {
  const { clock, intervalMs, pause = (ms, until) => clock.sleep(ms, until) } = options;
  while (!signal.aborted) {
    const startedAt = clock.now();
    await tickOnce(options, signal);
    // Less than nothing when the clock was put back meanwhile.
    const elapsed = Math.max(0, clock.now() - startedAt);
    await pause(Math.max(0, intervalMs - elapsed), signal).catch(() => undefined);
  }
}

async function tickOnce({ tick, log, onFailure, onSuccess }: TickLoopOptions, signal: AbortSignal): Promise<void> {
  try {
    // Not in the call's place for it: without anybody to tell, the tick would not even be begun.
    const report = await tick(signal);
    onSuccess?.(report);
  } catch (error) {
    if (signal.aborted) return;
    log.error({ err: error }, 'tick failed; the next one adds what is missing');
    onFailure?.(error);
  }
}
