/** Brings a real Redis to its limit. */
import type { Redis } from 'ioredis';
import { isRefusedForMemory, readMemory } from '../../platform/redis/full.ts';
import type { DueStep } from '../../queue/step-queue.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { aDueStep } from './step-workers.ts';
import type { StepBench } from './step-workers.ts';

export const limitTo = (redis: Redis, bytes: number) => redis.config('SET', 'maxmemory', String(bytes));
/** Full from now on, also when its clients need less for a moment. */
export const limitToUsed = async (redis: Redis) => limitTo(redis, (await readMemory(redis)).used - 65_536);

export const slotsOf = (from: number, count: number): readonly DueStep[] =>
  Array.from({ length: count }, (_, index) => aDueStep(`old-${from + index}`, { slot: from + index }));

/** Has steps added and taken until Redis takes no more; returns how many were added. */
export async function fillWithEnded(bench: StepBench, room: number): Promise<number> {
  await bench.queue.addDue(slotsOf(0, 500));
  await waitFor({
    what: '500 steps to end',
    seconds: 30,
    look: async () => ((await bench.jobs.getCompletedCount()) === 500 ? true : undefined),
  });
  await limitTo(bench.redis, (await readMemory(bench.redis)).used + room);
  for (let added = 500; ; added += 500) {
    await hasEndedOrIsFull(bench, added);
    try {
      await bench.queue.addDue(slotsOf(added, 500));
    } catch (error) {
      if (!isRefusedForMemory(error)) throw error;
      await limitToUsed(bench.redis);
      return added;
    }
  }
}

/** What still waits is nothing that could be removed. */
async function hasEndedOrIsFull({ jobs, redis }: StepBench, count: number): Promise<void> {
  await waitFor({
    what: `${count} steps to end, or Redis to be full`,
    seconds: 30,
    look: async () => {
      const { used, limit } = await readMemory(redis);
      return used > limit || (await jobs.getCompletedCount()) === count ? true : undefined;
    },
  });
}
