/** Canaries under way, each with a hook that takes its time, and one of their workers dies without a word. */
import { systemClock as clock } from '../../platform/clock.ts';
import { observeKill } from '../measure/observe-kill.ts';
import type { KillResult } from '../results.ts';
import { startHooks } from '../stage/hooks.ts';
import type { Stage } from '../stage/stage.ts';
import { intervalMs } from '../world/objects.ts';
import { startSettled } from '../world/population.ts';
import { smallSteps, startRuns, stillProgressing, underWayMs } from '../world/runs.ts';

export interface KillScenarioOptions {
  /** How many canaries; 200 unless told. */
  readonly size?: number | undefined;
  /** At least two: one has to be left. */
  readonly workers: number;
  /** Seconds that are measured. */
  readonly window: number;
}

const usualSize = 200;
const leastWorkers = 2;
/** So long that a worker is at some steps at any moment. */
const hookMs = 1_000;
/** A step that was lost has come again by then, if at all. */
const leastAfterMs = 2.5 * intervalMs;

export async function measureKill(stage: Stage, options: KillScenarioOptions): Promise<KillResult> {
  const { size: count = usualSize, window } = options;
  const workers = Math.max(leastWorkers, options.workers);
  const hooks = await startHooks(hookMs);
  const { webhooks, calls } = hooks;
  try {
    const { aviary, inhabitants } = await startSettled(stage, {
      workers,
      count,
      analysis: { ...smallSteps, webhooks },
    });
    await startRuns(stage, inhabitants);
    await clock.sleep(underWayMs);
    const beforeMs = (window * 1_000) / 3;
    const afterMs = Math.max(leastAfterMs, 2 * beforeMs);
    const result = await stage.progress.during(`${count} canaries under way, and one worker less`, () =>
      observeKill(stage, aviary, { inhabitants, calls, beforeMs, afterMs }),
    );
    await stillProgressing(stage, count);
    await aviary.stop();
    return result;
  } finally {
    await hooks.close();
  }
}
