/**
 * Makes room in a Redis that is full, by removing jobs that have ended. BullMQ does so itself when another job ends, and in a
 * full Redis none does. Redis refuses nothing of this: a script whose first write is a removal may go on.
 */
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { readMemory } from '../platform/redis/full.ts';
import type { RedisMemory } from '../platform/redis/full.ts';

export interface Relief {
  /** Jobs that were removed, by how they had ended. */
  readonly removed: Readonly<Record<EndState, number>>;
  readonly before: RedisMemory;
  readonly after: RedisMemory;
}

export const endStates = ['completed', 'failed'] as const;
export type EndState = (typeof endStates)[number];

export interface ReliefOptions {
  readonly queue: Pick<Queue, 'clean' | 'toKey'>;
  readonly redis: Pick<Redis, 'info' | 'zcard'>;
}

/** A few are removed at a time: each page holds up Redis for some milliseconds. */
const pageSize = 100;
/** Of the limit; what is free then must last for some ticks. */
const enoughShare = 0.75;

/**
 * Removes jobs that have ended, oldest first, until a quarter of the limit is free or none is left: completed ones, then those
 * that failed. Of a Redis that tells no limit, until a quarter of what it holds is gone. Rejects when Redis cannot be asked.
 *
 * The id of an ended job keeps a scheduler from adding its slot again, which matters for the current slot only. One that is
 * added again although it was taken is refused by the status, as after Redis was emptied.
 */
export async function relieve(options: ReliefOptions): Promise<Relief> {
  const before = await readMemory(options.redis);
  const most = enoughShare * (before.limit || before.used);
  const removed = { completed: 0, failed: 0 };
  for (const state of endStates) removed[state] = await removeEnded(options, state, most);
  return { removed, before, after: await readMemory(options.redis) };
}

async function removeEnded({ queue, redis }: ReliefOptions, state: EndState, most: number): Promise<number> {
  // Of an empty set BullMQ would write that it removed none, and Redis would refuse that.
  const isLeft = async (): Promise<boolean> =>
    (await redis.zcard(queue.toKey(state))) > 0 && (await readMemory(redis)).used > most;
  let removed = 0;
  while (await isLeft()) {
    const page = (await queue.clean(0, pageSize, state)).length;
    if (page === 0) break;
    removed += page;
  }
  return removed;
}
