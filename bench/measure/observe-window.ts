/** Watches Aviary at work for a span of time, without a hand in it. */
import { systemClock as clock } from '../../platform/clock.ts';
import type { WindowResult } from '../results.ts';
import type { Aviary } from '../stage/aviary.ts';
import type { Stage } from '../stage/stage.ts';
import type { Inhabitant } from '../world/world.ts';
import { viewSteps } from './finished-jobs.ts';
import { redisMebibytes } from './redis-memory.ts';
import { afterwardsMs, punctualityOf } from './slots.ts';
import { costsBetween, readAfter, readBefore, readMemory } from './window.ts';

export interface WindowOptions {
  readonly inhabitants: readonly Inhabitant[];
  readonly seconds: number;
}

/** What was due in exactly `seconds` counts, whenever it was done; the queue is read when all of it is over. */
export async function observeWindow(
  stage: Stage,
  aviary: Aviary,
  { inhabitants, seconds }: WindowOptions,
): Promise<WindowResult> {
  const view = viewSteps(stage.light.redisUrl);
  const spanMs = seconds * 1_000;
  try {
    const before = await readBefore(stage, aviary);
    await clock.sleep(spanMs);
    const after = await readAfter(stage, aviary);
    const costs = costsBetween(before, after);
    const [memory, redisMiB] = [readMemory(stage, aviary), await redisMebibytes(view.redis)];
    await clock.sleep(afterwardsMs(inhabitants));
    const jobs = await view.finished(before.at);
    return {
      canaries: inhabitants.length,
      workers: aviary.workers.length,
      costs,
      punctuality: punctualityOf(inhabitants, jobs, { after: before.at, until: before.at + spanMs }),
      memory,
      redisMiB,
    };
  } finally {
    await view.close();
  }
}
